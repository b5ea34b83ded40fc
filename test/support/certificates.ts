import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Node makes keys but no certificates: what needs one is skipped with a line where openssl is missing. */
export const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stdout.write('openssl is not installed: tests that need certificates are skipped\n');
    return false;
  }
})();

export interface Certificate {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
}

/** A CA made for the test, in a directory of the test. */
export class TestAuthority {
  readonly directory: string;
  readonly ca: string;
  readonly #key: string;

  constructor(directory: string, name = 'ca') {
    this.directory = directory;
    this.ca = join(directory, `${name}.pem`);
    this.#key = join(directory, `${name}.key`);
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes'];
    openssl(['req', '-x509', ...newKey, ...subject, '-keyout', this.#key, '-out', this.ca]);
  }

  /** For these names and addresses: `DNS:localhost,IP:127.0.0.1`. */
  issue(name: string, names: string): Certificate {
    const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'cnf'].map((type) =>
      join(this.directory, `${name}.${type}`),
    ) as [string, string, string, string];
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    openssl(['req', ...newKey, '-nodes', '-subj', `/CN=${name}`, '-keyout', key, '-out', request]);
    const signed = ['-CA', this.ca, '-CAkey', this.#key, '-CAcreateserial', '-days', '2'];
    openssl(['x509', '-req', '-in', request, ...signed, '-extfile', extensions, '-out', cert]);
    return { cert, key };
  }
}

/** What node:tls takes for a server. */
export const serverOptions = ({ cert, key }: Certificate) => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
});

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
const openssl = (args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
