import { z } from 'zod';
import { ValidationError } from '../../src/index.ts';

/** The body of a request, as JSON. */
export async function body(request: Request): Promise<unknown> {
  return request.json().catch(() => {
    throw new ValidationError('The body is not JSON.');
  });
}

/** A value by its schema. The error names the field, never the value. */
export function valid<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.');
  throw new ValidationError(z.prettifyError(parsed.error), field === '' ? {} : { field });
}

/** Where a page ended, as a text for a URL. */
export function cursorOf(position: object | undefined): string | undefined {
  return position === undefined ? undefined : Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** A cursor of a URL: the position that it was made of. */
export function cursorTo<T>(position: z.ZodType<T>) {
  return z
    .string()
    .max(2_000)
    .transform((text, context): T => {
      const parsed = position.safeParse(jsonOf(Buffer.from(text, 'base64url').toString()));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: 'is no cursor of this list' });
      return z.NEVER;
    });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
