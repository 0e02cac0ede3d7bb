import type { VectorContender, VectorContenderName } from './contender.ts';
import { exactByHand, iterative100, iterative400, matchDocuments, plainPgvector } from './hand-written.ts';
import { oursBalanced, oursFast } from './ours.ts';

const ALL: Readonly<Record<VectorContenderName, VectorContender>> = {
  balanced: oursBalanced,
  fast: oursFast,
  'plain pgvector': plainPgvector,
  match_documents: matchDocuments,
  'iterative ef 100': iterative100,
  'iterative ef 400': iterative400,
  exact: exactByHand,
};

export function vectorContenders(names: readonly VectorContenderName[]): readonly VectorContender[] {
  return names.map((name) => ALL[name]);
}
