import type { StatementReply } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Catalog } from '../catalog/model.ts';
import type { DecodeOptions } from '../values/codec.ts';
import { isUnlimited } from './read-answer.ts';
import type { ReplyShape } from './reply-shape.ts';

/** In words that are equal for two answers exactly when each can read the replies to the other. */
export function readableReplies(answer: ReplyShape, form: StatementReply['form']): string {
  const described = hasRows(answer) ? own(answer, 'described') : undefined;
  if (described === undefined) return answer.kind;
  return `${answer.kind} ${isUnlimited(answer)} ${described.readable(form)}`;
}

type RowsShape = Extract<ReplyShape, { readonly kind: 'rows' | 'counted' }>;

function hasRows(answer: ReplyShape): answer is RowsShape {
  return answer.kind === 'rows' || answer.kind === 'counted';
}

/** What is done where a reply has other types than the catalog names. */
interface Newer {
  /** The catalog, read after the reply. */
  catalog(): Promise<Catalog>;
  /** Later statements are to be compiled with a newer one; nobody waits for it. */
  noteChange(): void;
}

/**
 * The answer as this reply is to be read: by the types that it says it has, where these are not those of the catalog.
 * Only for a type that the catalog lacks, or whose attributes it may have as they were, the reply waits for a newer one.
 *
 * @param known the catalog that the statement was compiled with
 */
export function asDescribed(
  answer: ReplyShape,
  reply: StatementReply | undefined,
  options: DecodeOptions,
  known: Catalog,
  newer: Newer,
): ReplyShape | Promise<ReplyShape> {
  if (reply?.form !== 'rows' || !hasRows(answer)) return answer;
  const described = own(answer, 'described');
  const { fields } = reply;
  if (described === undefined || described.fit(fields)) return answer;
  const read = (catalog: Catalog): ReplyShape => ({
    ...answer,
    decoder: described.decoder(fields, catalog, options),
  });
  if (described.needNewer(fields, known)) return newer.catalog().then(read);
  newer.noteChange();
  return read(known);
}
