import { quotedName } from '../../contract/quoted-name.ts';
import { baseOf } from './leaf-type.ts';
import type { TypeInfo } from './type-info.ts';

interface FoundComposite {
  readonly type: TypeInfo;
  /** SQL of a value of it, made from the expression that holds it. */
  readonly expression: string;
}

/** The composite types in a value of this type, at any depth, each once: within arrays, domains and other composites. */
export function compositesIn(type: TypeInfo, expression: string): readonly FoundComposite[] {
  const found: FoundComposite[] = [];
  collect(type, expression, found);
  return found;
}

/** True for a composite, and for what contains one. */
export function holdsComposite(type: TypeInfo): boolean {
  const base = baseOf(type);
  if (base.kind === 'array' && base.inner !== undefined) return holdsComposite(base.inner);
  return base.kind === 'composite';
}

function collect(type: TypeInfo, expression: string, found: FoundComposite[]): void {
  const base = baseOf(type);
  if (base.kind === 'array' && base.inner !== undefined) {
    collect(base.inner, `(${expression})[1]`, found);
    return;
  }
  if (base.kind !== 'composite' || found.some((other) => other.type === base)) return;
  found.push({ type: base, expression });
  for (const { name, type: attribute } of base.attributes ?? []) {
    collect(attribute, `(${expression}).${quotedName(name)}`, found);
  }
}

/** A condition that is true, and by which a statement depends on the composite type. */
export function dependsOn({ relation = 0 }: TypeInfo): string {
  return `('${relation}'::pg_catalog.regclass is not null)`;
}
