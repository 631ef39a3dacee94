import { describe, expect, it } from 'vitest';
import { lookUpPins, parseKnownHosts, pinnedKeys } from '#inventory';

const A = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcZvzdEqtuBCFcqrIhniHnLcRwWVdnHADnYpd/OBL38';
const B =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMMygKhz5MM9aOE4U+r9unc3XNoKTEyfSpztSBUp7/2zZIxMf21OfRCj/JomrJFTmQTUsRxWL3unlmvHBSHw/6g=';

/** The two hashed lines are what `ssh-keygen -H` made of web1.example.com and [web2]:2222. */
const FILE = `
# a comment
plain.example.com,10.0.0.1 ${A} a comment
plain.example.com ${B}
[plain.example.com]:2222 ${B}
|1|JNZaRMwluUqG/s+LynvEaEJh4h4=|JLrbZLAOW7SEmj6WzotFkqAeYh8= ${A}
|1|Hda6TiqMIqhZNQI9oZqRdZlco0U=|kO5QlCYFZQyjJ5u+8DfzxfnYsI4= ${A}
*.lab.example.com,!bad.lab.example.com ${A}
edge?.example.com ${B}
@revoked gone.example.com ${B}
gone.example.com ${B}
gone.example.com ${A}
@cert-authority *.corp.example.com ${A}
@cert-authority signed.example.com ${A}
@unknown x ${A}
half ssh-ed25519
1024 35 1234567890
lying ssh-rsa ${A.split(' ')[1]}
`;

describe('known_hosts', () => {
  const known = parseKnownHosts(FILE);

  it.each([
    ['plain.example.com', 22, [A, B]],
    ['PLAIN.example.com', 22, [A, B]],
    ['10.0.0.1', 22, [A]],
    ['plain.example.com', 2222, [B]],
    ['10.0.0.1', 2200, [A]],
    ['web1.example.com', 22, [A]],
    ['web2', 2222, [A]],
    ['web2', 22, []],
    ['x.lab.example.com', 22, [A]],
    ['bad.lab.example.com', 22, []],
    ['edge1.example.com', 22, [B]],
    ['edge12.example.com', 22, []],
    ['gone.example.com', 22, [A]],
    ['x.corp.example.com', 22, []],
    ['half', 22, []],
    ['lying', 22, []],
    ['nobody', 22, []],
  ])('%s port %d', (name, port, keys) => {
    expect(pinnedKeys(known, name, port)).toEqual(keys);
  });

  it('tells revoked keys, and hosts that have certificates alone', () => {
    expect(lookUpPins(known, 'gone.example.com', 22).revoked).toEqual([B]);
    expect(lookUpPins(known, 'x.corp.example.com', 22).unsupported).toBe(true);
    expect(lookUpPins(known, 'signed.example.com', 22).unsupported).toBe(true);
    expect(lookUpPins(known, 'plain.example.com', 22).unsupported).toBe(false);
  });

  it('warns of lines that are none', () => {
    expect(known.warnings.map(({ line }) => line)).toEqual([15, 16, 17, 18]);
  });
});
