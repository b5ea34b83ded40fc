export const packageManagers = ['npm', 'pnpm', 'yarn'] as const;
export type PackageManager = (typeof packageManagers)[number];

/** What a template says of a package manager: `{{pm}}`, `{{pm.install}}` … */
const words: Readonly<Record<PackageManager, Readonly<Record<string, string>>>> = {
  npm: {
    install: 'npm install',
    ci: 'npm ci',
    prune: 'npm prune --omit=dev',
    run: 'npm run',
    exec: 'npx',
    test: 'npm test',
    lockfile: 'package-lock.json',
  },
  pnpm: {
    install: 'pnpm install',
    ci: 'corepack enable pnpm && pnpm install --frozen-lockfile',
    prune: 'pnpm prune --prod',
    run: 'pnpm run',
    exec: 'pnpm exec',
    test: 'pnpm test',
    lockfile: 'pnpm-lock.yaml',
  },
  yarn: {
    install: 'yarn install',
    ci: 'corepack enable yarn && yarn install --frozen-lockfile',
    prune: 'yarn install --frozen-lockfile --production',
    run: 'yarn run',
    exec: 'yarn run',
    test: 'yarn test',
    lockfile: 'yarn.lock',
  },
};

export function packageManagerValues(name: PackageManager): Record<string, string> {
  const entries = Object.entries(words[name]).map(([key, text]) => [`pm.${key}`, text]);
  return { pm: name, ...Object.fromEntries(entries) };
}

export const installCommand = (name: PackageManager): string => words[name].install!;

/** The one that dds itself was started by (`pnpm dlx dds-lab init …`), else npm. */
export function callingPackageManager(env: Readonly<Record<string, string | undefined>>): PackageManager {
  const agent = env.npm_config_user_agent ?? '';
  return packageManagers.find((name) => agent.startsWith(`${name}/`)) ?? 'npm';
}
