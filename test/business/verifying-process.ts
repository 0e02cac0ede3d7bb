/**
 * A process that verifies one key again and again. It prints a line for each try: when it began, in milliseconds since the epoch,
 * and why the key was refused, if it was.
 */
import { createApiKeyVerifier, createDatabaseService, DatabaseError, service } from '../../src/index.ts';

const { CDB_USER_URL, CDB_SERVICE_URL, CDB_LISTEN_URL, CDB_KEY } = process.env;
const db = createDatabaseService({
  transaction: CDB_USER_URL,
  service: { transaction: CDB_SERVICE_URL, direct: CDB_LISTEN_URL },
  onWarning: () => {},
});
const verifier = createApiKeyVerifier(db.as(service()));

async function tryOnce(): Promise<void> {
  const beganAt = Date.now();
  let refusal: string | undefined;
  try {
    await verifier.verify(CDB_KEY);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    refusal = error.code;
  }
  const { isListening } = verifier.stats();
  process.stdout.write(`${JSON.stringify({ beganAt, refusal, isListening })}\n`);
  setTimeout(tryOnce, 20);
}

await tryOnce();
