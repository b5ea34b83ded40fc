#!/usr/bin/env node
// Plain JavaScript that any Node can read: it has to say so when Node is too old for the rest.
var parts = process.versions.node.split('.').map(Number);
if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 22)) {
  process.stderr.write(
    'dds needs Node.js 22.22 or newer, this is ' +
      process.versions.node +
      '. Install a newer one from nodejs.org; inside this repository, npx dds uses the one npm ci brought.\n',
  );
  process.exitCode = 3;
} else {
  import('../dist/cli/start.js').then(
    ({ start }) => start(process.argv.slice(2)),
    (error) => {
      process.stderr.write(
        error && error.code === 'ERR_MODULE_NOT_FOUND' && /dist.cli.start/.test(error.message)
          ? 'dds is not built. Run npm run build.\n'
          : String((error && error.stack) || error) + '\n',
      );
      process.exitCode = 1;
    },
  );
}
