import { PackageURL } from 'packageurl-js';

/** `pkg:golang/github.com/x/y@v1.2.3`, `…#cmd/z` for a package in it; without a version for a project of our own. */
export function modulePurl(path: string, version?: string, of?: string): string {
  const at = path.lastIndexOf('/');
  const [namespace, name] = at < 0 ? [undefined, path] : [path.slice(0, at), path.slice(at + 1)];
  const below = of?.startsWith(`${path}/`) ? of.slice(path.length + 1) : undefined;
  return new PackageURL('golang', namespace, name, version, undefined, below).toString();
}

/** `pkg:generic/go@1.21.5?arch=amd64&os=linux` */
export function toolchainPurl(toolchain: { version: string; os: string; arch: string }): string {
  const { version, os, arch } = toolchain;
  return new PackageURL('generic', undefined, 'go', version, { os, arch }, undefined).toString();
}
