import { scan, type Token } from '../consolidated/raw-sql/scan.ts';

/** Reads the words and names of one statement from its beginning. What does not fit is not taken. */
interface NameReader {
  /** Takes the keyword, in lower case, if it comes next. */
  word(keyword: string): boolean;
  /** Takes a name, as Postgres knows it. */
  name(): string | undefined;
  /** Takes `name`, `schema.name` or `database.schema.name`. */
  qualifiedName(): { readonly schema: string | undefined; readonly name: string } | undefined;
  /** Nothing is left to take. */
  readonly isAtEnd: boolean;
}

/** Comments, space and quotes are those of Postgres' scanner. */
export function readNames(sql: string): NameReader {
  const { tokens } = scan(sql);
  let at = 0;
  const written = ({ start, end }: Token): string => sql.slice(start, end);
  const takes = (text: string): boolean => {
    const token = tokens[at];
    if (token === undefined || token.kind === 'name' || token.text !== text) return false;
    at += 1;
    return true;
  };
  const name = (): string | undefined => {
    const [token, and, quoted] = tokens.slice(at, at + 3);
    if (token?.kind === 'name') {
      at += 1;
      return unquoted(written(token));
    }
    if (token?.kind !== 'word') return undefined;
    const isEscaped =
      token.text === 'u' && and?.text === '&' && quoted?.kind === 'name' && token.end + 1 === quoted.start;
    if (!isEscaped) {
      at += 1;
      return folded(written(token));
    }
    at += 3;
    const mark = takes('uescape') ? tokens[at++]?.text[1] : undefined;
    return unescaped(unquoted(written(quoted)), mark ?? '\\');
  };
  const qualifiedName: NameReader['qualifiedName'] = () => {
    const parts = [name()];
    while (takes('.')) parts.push(name());
    const [last, schema] = parts.reverse();
    return last === undefined ? undefined : { schema, name: last };
  };
  return {
    word: takes,
    name,
    qualifiedName,
    get isAtEnd() {
      return at >= tokens.length;
    },
  };
}

function unquoted(written: string): string {
  return written.slice(1, -1).replaceAll('""', '"');
}

/** In a database in UTF-8, Postgres folds the letters of ASCII alone. */
function folded(written: string): string {
  return written.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** `U&"d\0061t\+000061"` */
function unescaped(text: string, mark: string): string {
  const literal = mark.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const pattern = new RegExp(`${literal}(?:([0-9a-f]{4})|\\+([0-9a-f]{6})|${literal})`, 'gi');
  return text.replace(pattern, (_whole, four?: string, six?: string) => {
    const digits = four ?? six;
    const point = digits === undefined ? undefined : Number.parseInt(digits, 16);
    if (point === undefined) return mark;
    return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  });
}
