import { Enums, Models, SPDX } from '@cyclonedx/cyclonedx-library';
import type { PackModule, PackProject, Tool, Toolchain } from '#bundle';
import { modulePurl, toolchainPurl } from './purl.ts';
import type { SbomSource } from './make-sbom.ts';

/** A component and the name by which others refer to it. */
export interface Part {
  ref: string;
  component: Models.Component;
}

/** Toolchains, modules with their zips, projects and tools, sorted; each once, also where several packs have it. */
export function componentsOf({ toolchains, packs, tools }: SbomSource): Part[] {
  const parts = [
    ...toolchains.map(toolchainPart),
    ...packs.flatMap(({ modules }) => modules.filter(({ h1 }) => h1 !== null).map(modulePart)),
    ...packs.flatMap(({ name, projects }) => projects.map((each) => projectPart(name, each))),
    ...tools.map(toolPart),
  ];
  const once = new Map(parts.map((part) => [part.ref, part]));
  return [...once.values()].sort((a, b) => Number(a.ref > b.ref) - Number(a.ref < b.ref));
}

/** As dependencies name it. */
export function moduleRef(path: string, version: string): string {
  return modulePurl(path, version);
}

/** As dependencies name it; two packs may have projects of one name. */
export function projectRef(pack: string, project: string): string {
  return `project:${pack}/${project}`;
}

/** As dependencies name it. */
export function toolRef({ package: name, version }: Tool): string {
  return `tool:${name}@${version}`;
}

/** What Go itself is under. */
const GO_LICENCE = ['BSD-3-Clause'];

function toolchainPart(toolchain: Toolchain): Part {
  const { version, os, arch, blob, tree, source, verified, h1 } = toolchain;
  const purl = toolchainPurl(toolchain);
  const component = new Models.Component(Enums.ComponentType.Application, 'go', {
    bomRef: purl,
    version,
    purl,
    description: `Go ${version} for ${os}/${arch}`,
    hashes: sha256(blob),
    ...licensed(GO_LICENCE, { tree, source, verified, h1 }),
  });
  return { ref: purl, component };
}

function modulePart({ path, version, h1, goModH1, verified, licenses }: PackModule): Part {
  const purl = modulePurl(path, version);
  const component = new Models.Component(Enums.ComponentType.Library, path, {
    bomRef: purl,
    version,
    purl,
    hashes: sha256(Buffer.from((h1 ?? '').slice('h1:'.length), 'base64').toString('hex')),
    ...licensed(licenses, { h1, goModH1, verified }),
  });
  return { ref: purl, component };
}

function projectPart(pack: string, { name, module, go, blob, tree }: PackProject): Part {
  const ref = projectRef(pack, name);
  const component = new Models.Component(Enums.ComponentType.Application, name, {
    bomRef: ref,
    purl: modulePurl(module),
    hashes: sha256(blob),
    ...licensed([], { module, go, tree, pack }),
  });
  return { ref, component };
}

function toolPart(tool: Tool): Part {
  const { package: name, module, version } = tool;
  const ref = toolRef(tool);
  const component = new Models.Component(Enums.ComponentType.Application, name, {
    bomRef: ref,
    version,
    purl: modulePurl(module, version, name),
    ...licensed([], { module }),
  });
  return { ref, component };
}

function sha256(hex: string): Models.HashDictionary {
  return new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], hex]]);
}

/** Licences that SPDX has an identifier for, and as properties of our own what CycloneDX has no place for. */
function licensed(
  licenses: readonly string[],
  more: Record<string, string | null>,
): Pick<Models.Component, 'licenses' | 'properties'> {
  const known = licenses.filter((id) => SPDX.isSupportedSpdxId(id));
  const acknowledgement = Enums.LicenseAcknowledgement.Concluded;
  const notes = { ...more, licenses: licenses.filter((id) => !known.includes(id)).join(', ') };
  return {
    licenses: new Models.LicenseRepository(
      known.map((id) => new Models.SpdxLicense(id, { acknowledgement })),
    ),
    properties: new Models.PropertyRepository(
      Object.entries(notes).flatMap(([name, value]) =>
        value ? [new Models.Property(`gofleet:${name}`, value)] : [],
      ),
    ),
  };
}
