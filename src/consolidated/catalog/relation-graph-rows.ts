/** What reading and writing relations involves, in all schemas but those of the server. Objects refer to each other by OID. */
export interface RelationGraphRows {
  readonly relations: readonly GraphRelationRow[];
  /** Roles that a read may be made as: policies are told for these only. */
  readonly readers: readonly string[] | null;
  /** Partitions and inheriting tables. */
  readonly inherits: readonly (readonly [child: number, parent: number])[];
  readonly policies: readonly PolicyRow[];
  readonly functions: readonly CalledFunctionRow[];
  readonly cascades: readonly CascadeRow[];
  readonly triggers: readonly TriggerRow[];
  /** But for those that make a view. */
  readonly rules: readonly (readonly [relation: number, event: string])[];
}

type GraphRelationRow = readonly [
  oid: number,
  schema: string,
  name: string,
  relkind: string,
  /** The owner, of a view that reads as such. */
  readsAs: string | null,
  /** Roles that its policies do not apply to; null without row level security. */
  exempt: readonly string[] | null,
  /** Of a view. See `EXPRESSION_CTES`. */
  marks: readonly string[] | null,
];

/** Of policies for reading. */
type PolicyRow = readonly [
  relation: number,
  name: string,
  /** null: everyone. */
  roles: readonly string[] | null,
  marks: readonly string[],
];

/** Those that something calls, exposed ones, and those whose body can be read. */
type CalledFunctionRow = readonly [
  oid: number,
  schema: string,
  name: string,
  argumentTypes: string,
  volatility: string,
  extension: string | null,
  /** null: as its caller; `*`: as it decides itself. */
  runsAs: string | null,
  /** null where the body cannot be read. */
  marks: readonly string[] | null,
];

/** What a foreign key does to the table that refers: `a` and `r` nothing, `c` cascade, `n` set null, `d` set default. */
type CascadeRow = readonly [referenced: number, referring: number, onUpdate: string, onDelete: string];

type TriggerRow = readonly [
  relation: number,
  /** Bits: 4 insert, 8 delete, 16 update. */
  type: number,
  schema: string,
  name: string,
  extension: string | null,
];
