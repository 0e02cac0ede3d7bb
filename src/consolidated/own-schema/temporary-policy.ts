/**
 * How the names of the policies begin that `cdb policies open-temporarily` creates. Their conditions end by themselves, so
 * that nothing which they decide may be kept.
 */
export const TEMPORARY_POLICY = 'cdb temporary ';
