import type { ArchiveBlob, ProjectSource, ResolvedOperation } from './resolved.ts';
import type { BundleContents } from './resolve.ts';

/** An archive that operations name, and what it is said to be. */
interface Named {
  what: string;
  archive: ArchiveBlob;
}

/**
 * What of operations is not what a bundle has under that name: toolchains, packs and projects by blob, bytes and
 * entries. Empty for operations that were resolved from this bundle, and frozen since.
 */
export function contradictions(
  operations: readonly ResolvedOperation[],
  bundle: BundleContents,
): string[] {
  const there = new Set(archivesOf(bundle).map(keyOf));
  const pack = operations.find((each) => each.operation === 'module-pack')?.pack ?? 'none';
  const named = operations.flatMap((each): Named[] => {
    switch (each.operation) {
      case 'go-toolchain':
        return each.archives.map(toolchain);
      case 'module-pack':
        return packed({ ...each, name: each.pack });
      case 'health-check':
        return each.checks.flatMap((check) =>
          check.kind === 'goBuild' ? [projectOf(pack, check.project)] : [],
        );
      case 'go-env':
        return [];
      default:
        return each satisfies never;
    }
  });
  return named.filter((each) => !there.has(keyOf(each))).map(({ what }) => what);
}

function archivesOf({ toolchains, packs }: BundleContents): Named[] {
  return [...toolchains.map(toolchain), ...packs.flatMap(packed)];
}

function toolchain(archive: BundleContents['toolchains'][number]): Named {
  return { what: `Go ${archive.version} for ${archive.os}/${archive.arch}`, archive };
}

function packed(pack: BundleContents['packs'][number]): Named[] {
  return [
    { what: `pack ${pack.name}`, archive: pack },
    ...pack.projects.map((project) => projectOf(pack.name, project)),
  ];
}

function projectOf(pack: string, project: ProjectSource): Named {
  return { what: `project ${project.name} of pack ${pack}`, archive: project };
}

function keyOf({ what, archive }: Named): string {
  const { blob, size, unpackedBytes, entries } = archive;
  return `${what} ${blob} ${size} ${unpackedBytes} ${entries}`;
}
