import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInChroot, runIsolated } from './chroot-process.ts';
import { StackError } from './stack-error.ts';
import type { StackFolder } from './stack-state.ts';

const SUITE = 'trixie';
const PACKAGES = ['postgresql-17', 'postgresql-17-pgvector', 'pgbouncer', 'openssl'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Written last: a root without it is incomplete. */
const complete = (folder: StackFolder) => join(folder.rootfs, 'etc', 'cdb-stack-packages');

export function isRootFilesystemReady(folder: StackFolder): boolean {
  return existsSync(complete(folder)) && readFileSync(complete(folder), 'utf8') === PACKAGES.join(' ');
}

/** Debian with PostgreSQL, pgvector and PgBouncer, in a folder. It takes half a minute, once. */
export async function buildRootFilesystem(folder: StackFolder, step: (text: string) => void): Promise<void> {
  requireRoot();
  const log = join(folder.logs, 'build.log');
  removeRootFilesystem(folder);
  if (!existsSync('/usr/sbin/debootstrap')) {
    step('installing debootstrap');
    await installDebootstrap(log);
  }

  step(`downloading Debian ${SUITE} (about 20 s)`);
  const mirror = debianMirror();
  await runIsolated(
    ['debootstrap', '--variant=minbase', `--keyring=${KEYRING}`, SUITE, folder.rootfs, mirror],
    log,
  );

  step('installing PostgreSQL 17, pgvector and PgBouncer (about 15 s)');
  // Otherwise the packages would start their services and create a cluster. We do both ourselves.
  writeFileSync(join(folder.rootfs, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  mkdirSync(join(folder.rootfs, 'etc/postgresql-common'), { recursive: true });
  writeFileSync(
    join(folder.rootfs, 'etc/postgresql-common/createcluster.conf'),
    'create_main_cluster = false\n',
  );
  writeFileSync(join(folder.rootfs, 'etc/apt/apt.conf.d/90proxy'), aptProxySettings());
  const install = `apt-get update && apt-get install -y --no-install-recommends ${PACKAGES.join(' ')} && apt-get clean`;
  await runInChroot(
    {
      rootfs: folder.rootfs,
      user: 'root',
      command: ['sh', '-c', install],
      environment: { DEBIAN_FRONTEND: 'noninteractive' },
    },
    log,
  );
  writeFileSync(complete(folder), PACKAGES.join(' '));
}

/** Throws while anything is mounted inside: a removal would delete the mounted files. */
export function removeRootFilesystem(folder: StackFolder): void {
  const mounted = mountsBelow(folder.path);
  if (mounted.length > 0) {
    throw new StackError(`nothing was removed, because these are mounted: ${mounted.join(', ')}`);
  }
  rmSync(folder.rootfs, { recursive: true, force: true });
}

/** Unmounts what a run of another tool may have left below the folder, the deepest first. */
export function unmountBelow(path: string): void {
  for (const mount of mountsBelow(path)) execFileSync('umount', ['--lazy', mount]);
}

export function mountsBelow(path: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[1] ?? ''))
    .filter((mount) => mount.startsWith(`${path}/`))
    .sort((a, b) => b.length - a.length);
}

// The kernel writes blanks and backslashes in mount points as \040 and the like.
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

function requireRoot(): void {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) {
    throw new StackError(
      'the full stack can only be built on Debian; on other systems set CDB_TEST_ADMIN_URL and the other URLs of CONTRIBUTING.md',
    );
  }
  if (process.getuid?.() !== 0) throw new StackError('building and starting the full stack needs root');
}

async function installDebootstrap(log: string): Promise<void> {
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', 'debootstrap'];
  try {
    await runIsolated(install, log);
  } catch {
    // The package lists of a fresh image are empty or old; with new ones a second error is the real one.
    await runIsolated(['apt-get', 'update'], log);
    await runIsolated(install, log);
  }
}

/** The mirror that this machine already uses for Debian itself: the first source with a `main` of a release. */
function debianMirror(): string {
  const texts = aptSourceFiles().map((file) => readFileSync(file, 'utf8'));
  for (const text of texts) {
    for (const stanza of text.split(/\n\s*\n/)) {
      const uri = /^URIs:\s*(\S+)/m.exec(stanza)?.[1];
      if (uri !== undefined && /^Components:.*\bmain\b/m.test(stanza) && isArchive(uri)) return uri;
    }
    for (const [, uri, components] of text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+\s+(.*)$/gm)) {
      if (uri !== undefined && /\bmain\b/.test(components ?? '') && isArchive(uri)) return uri;
    }
  }
  throw new StackError('no Debian mirror was found in /etc/apt/sources.list and /etc/apt/sources.list.d');
}

function isArchive(uri: string): boolean {
  return /\/debian\/?$/.test(uri);
}

function aptSourceFiles(): string[] {
  const folder = '/etc/apt/sources.list.d';
  const listed = existsSync(folder) ? readdirSync(folder).sort() : [];
  const files = listed.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name));
  return ['/etc/apt/sources.list', ...files].filter((file) => existsSync(file));
}

function aptProxySettings(): string {
  const dump = execFileSync('apt-config', ['dump', '--no-empty'], { encoding: 'utf8' });
  return dump
    .split('\n')
    .filter((line) => /^Acquire::https?::Proxy/i.test(line))
    .join('\n')
    .concat('\n');
}
