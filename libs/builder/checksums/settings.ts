import { z } from 'zod';
import { GofleetError, isGofleetError } from '#errors';
import { parseVerifierKey, type VerifierKey } from '#gomod';
import type { Build } from '../build.ts';

/** Which checksum database go would ask in this environment, and how. */
export interface DatabaseSettings {
  key: VerifierKey;
  /** Where GOSUMDB says it is; undefined where GOPROXY leads to it. */
  url: string | undefined;
  proxies: string;
  /** Modules that it must not be asked for: GONOSUMDB, else GOPRIVATE. */
  except: string;
  /** GOMODCACHE; empty where go knows none. */
  moduleCache: string;
}

/** The keys that the go command knows itself (src/cmd/go/internal/modfetch/key.go). */
const KNOWN: Record<string, string> = {
  'sum.golang.org': 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8',
};
/** Another address of the same database. */
const CHINA = 'sum.golang.google.cn';

const GoEnv = z.object({
  GOSUMDB: z.string(),
  GOPROXY: z.string(),
  GONOSUMDB: z.string(),
  GOMODCACHE: z.string(),
});
type GoEnv = z.infer<typeof GoEnv>;

/** undefined where GOSUMDB is off. Throws `usage` where it is nothing that go understands. */
export async function readSettings(
  build: Pick<Build, 'go' | 'env' | 'bench'>,
): Promise<DatabaseSettings | undefined> {
  const env = await goEnv(build);
  if (env.GOSUMDB === 'off') return undefined;
  const said = env.GOSUMDB === CHINA ? `sum.golang.org https://${CHINA}` : env.GOSUMDB;
  const [key = '', url, ...more] = said.trim().split(/\s+/);
  if (more.length > 0) throw wrong(env.GOSUMDB, 'it has more than a key and an address');
  return {
    key: readKey(key, env.GOSUMDB),
    url,
    proxies: env.GOPROXY,
    except: env.GONOSUMDB,
    moduleCache: env.GOMODCACHE,
  };
}

/** As go sees it; without go, as the environment says. */
async function goEnv({ go, env, bench }: Pick<Build, 'go' | 'env' | 'bench'>): Promise<GoEnv> {
  const args = ['env', '-json', ...Object.keys(GoEnv.shape)];
  const said = await go.run(args, { cwd: await bench.scratch('empty') }).catch((error: unknown) => {
    if (isGofleetError(error, 'missing_tool')) return undefined;
    throw error;
  });
  if (said !== undefined) return withDefaults(GoEnv.partial().parse(JSON.parse(said)));
  return withDefaults({
    GOSUMDB: env['GOSUMDB'],
    GOPROXY: env['GOPROXY'],
    GONOSUMDB: env['GONOSUMDB'] || env['GOPRIVATE'],
    GOMODCACHE: env['GOMODCACHE'],
  });
}

function withDefaults({
  GOSUMDB,
  GOPROXY,
  GONOSUMDB,
  GOMODCACHE,
}: {
  [name in keyof GoEnv]?: string | undefined;
}): GoEnv {
  return {
    GOSUMDB: GOSUMDB || 'sum.golang.org',
    GOPROXY: GOPROXY || 'https://proxy.golang.org,direct',
    GONOSUMDB: GONOSUMDB ?? '',
    GOMODCACHE: GOMODCACHE ?? '',
  };
}

function readKey(key: string, said: string): VerifierKey {
  try {
    return parseVerifierKey(KNOWN[key] ?? key);
  } catch (error) {
    throw wrong(said, error instanceof Error ? error.message : String(error));
  }
}

function wrong(said: string, why: string): GofleetError {
  return new GofleetError(
    'usage',
    `GOSUMDB=${JSON.stringify(said)} names no checksum database: ${why}`,
    {
      remedy:
        'Set GOSUMDB to sum.golang.org, to NAME+HASH+KEY with or without an address, or to off.',
    },
  );
}
