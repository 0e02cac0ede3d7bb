/** A file of the project that a source text names, relative to its own place. */
export interface ModuleImport {
  readonly specifier: string;
  /** `type` vanishes before the code runs; `url` is a file that it opens, or starts as a worker. */
  readonly kind: 'value' | 'type' | 'url';
}

const STATIC = /\b(?:import|export)\s+(type\b)?(?:[^'"`;()=]*?\bfrom\s*)?'(\.[^']+)'/.source;
const DYNAMIC = /\bimport\s*\(\s*'(\.[^']+)'/.source;
const URL_OF = /\bnew URL\(\s*'(\.[^']+)'/.source;
const ANY = new RegExp(`${STATIC}|${DYNAMIC}|${URL_OF}`, 'g');

/** What a source text imports from the project, in its order. */
export function moduleImports(text: string): ModuleImport[] {
  return [...text.matchAll(ANY)].map(([, type, named, dynamic, url]) => {
    if (url !== undefined) return { specifier: url, kind: 'url' };
    return { specifier: named ?? dynamic ?? '', kind: type === undefined ? 'value' : 'type' };
  });
}
