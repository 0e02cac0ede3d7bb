import type { Catalog } from '../catalog/model.ts';
import type { Binding } from './binding.ts';
import type { RelationShape } from './relation-shape.ts';

/** Where the names of one statement are looked up and its values are bound. */
export interface StatementScope {
  readonly catalog: Catalog;
  readonly shape: RelationShape;
  readonly binding: Binding;
}
