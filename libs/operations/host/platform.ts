/** GOARCH by what `uname -m` prints (Go's own list of ports for Linux). */
const ARCHES: Record<string, string> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
  i386: '386',
  i486: '386',
  i586: '386',
  i686: '386',
  armv6l: 'arm',
  armv7l: 'arm',
  armv8l: 'arm',
  ppc64le: 'ppc64le',
  ppc64: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loongarch64: 'loong64',
  mips: 'mips',
  mips64: 'mips64',
};

/** What a 64-bit kernel runs under a 32-bit userland. */
const NARROW: Record<string, string> = { amd64: '386', arm64: 'arm' };

/** The GOARCH of a host; undefined for a machine that Go has no port for. */
export function goArch(machine: string, bits: string): string | undefined {
  const arch = ARCHES[machine];
  if (arch === undefined) return undefined;
  return bits === '32' ? (NARROW[arch] ?? arch) : arch;
}
