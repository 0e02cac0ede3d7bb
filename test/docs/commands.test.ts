import { describe, expect, it } from 'vitest';
import { fencesOf, readPages } from './markdown.ts';
import { faultOf, shellCommands } from './shell-lines.ts';

const KNOWN_LANGUAGES = ['ts', 'bash', 'sql', 'text', 'json'];
const pages = readPages();

describe('the commands of the pages', () => {
  const commands = pages.flatMap((page) =>
    page.fences
      .filter((fence) => fence.language === 'bash')
      .flatMap(shellCommands)
      .map((command) => ({ page, command })),
  );

  it('are there', () => {
    expect(commands.length).toBeGreaterThan(15);
  });

  it.each(commands.map((each) => [each.command.where, each.command.words.join(' '), each] as const))(
    '%s can be run: %s',
    async (_where, _text, { page, command }) => {
      expect(await faultOf(command, page)).toBeUndefined();
    },
  );

  it.each([
    'npm run nonsense',
    'npx cdb migrate sideways',
    'npx cdb init --nonsense',
    'npx node nowhere.mjs',
    'brew install it',
  ])('would be found when they cannot be run: %s', async (text) => {
    const page = { path: 'page.md', text, fences: [] };
    const [fence] = fencesOf('page.md', `\`\`\`bash\n${text}\n\`\`\`\n`);
    const [command] = fence === undefined ? [] : shellCommands(fence);
    expect(command && (await faultOf(command, page))).toBeTypeOf('string');
  });
});

describe('the blocks of the pages', () => {
  it('are in languages that are checked', () => {
    const others = pages.flatMap((page) =>
      page.fences
        .filter((fence) => !KNOWN_LANGUAGES.includes(fence.language))
        .map((fence) => `${page.path}:${fence.line}`),
    );
    expect(others).toEqual([]);
  });

  it('would be found when they are written in a way that is not read', () => {
    expect(() => fencesOf('page.md', '  ```ts\n  const a = 1;\n  ```\n')).toThrow('fence lines');
  });
});
