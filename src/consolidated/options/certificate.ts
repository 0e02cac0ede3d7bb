import { readFileSync } from 'node:fs';
import { ConfigurationError } from '../../contract/errors.ts';

const PEM_START = '-----BEGIN CERTIFICATE-----';

/**
 * PEM text, given as itself or as the path of a file that holds it. Which of them it is shows in the first line.
 *
 * @param name - what messages call the place where it was given
 * @throws ConfigurationError `INVALID_OPTION`
 */
export function certificateText(name: string, given: string): string {
  if (given.trimStart().startsWith(PEM_START)) return given;
  let text: string;
  try {
    text = readFileSync(given, 'utf8');
  } catch (cause) {
    throw invalid(
      `${name} is neither PEM text nor a file that can be read. It was '${firstLine(given)}'.`,
      cause,
    );
  }
  if (!text.includes(PEM_START))
    throw invalid(`${name} names the file '${given}', which holds no certificate.`);
  return text;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function invalid(message: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(message, {
    code: 'INVALID_OPTION',
    hint: `PEM text begins with ${PEM_START}.`,
    cause,
  });
}
