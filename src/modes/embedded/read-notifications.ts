const NOTIFICATION = 0x41; // A
const HEADER_BYTES = 5;
const PROCESS_ID_BYTES = 4;

interface SentNotification {
  readonly channel: string;
  readonly payload: string;
}

/** The notifications that stand among the messages of a reply, which is whole. */
export function readNotifications(reply: Buffer): SentNotification[] {
  const found: SentNotification[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= reply.length) {
    const end = at + 1 + reply.readUInt32BE(at + 1);
    if (reply[at] === NOTIFICATION) {
      const start = at + HEADER_BYTES + PROCESS_ID_BYTES;
      const channelEnd = reply.indexOf(0, start);
      found.push({
        channel: reply.utf8Slice(start, channelEnd),
        payload: reply.utf8Slice(channelEnd + 1, end - 1),
      });
    }
    at = end;
  }
  return found;
}
