import { compatibilityLevels } from './compatibility-level.ts';
import type { ApiRequest, Route } from './http-server.ts';
import { modes, type SchemaVersion, schemaTypes } from './log-records.ts';
import { errors, RegistryError } from './registry-error.ts';
import type { SchemaRegistry, VersionNumber } from './schema-registry.ts';
import type { Which } from './schema-store.ts';

/** Confluent's REST API over a registry, one row an operation. */
export function createRoutes(registry: SchemaRegistry): Route[] {
  return [
    { method: 'GET', path: '/', answer: () => ({}) },
    { method: 'GET', path: '/contexts', answer: () => ['.'] },
    ...schemaRoutes(registry),
    ...subjectRoutes(registry),
    ...compatibilityRoutes(registry),
    ...configRoutes(registry),
    ...modeRoutes(registry),
  ];
}

function schemaRoutes(registry: SchemaRegistry): Route[] {
  /** Places of an id, by subject and version. */
  const places = ({ params, query }: ApiRequest) => {
    const all = registry.store.byId(idOf(params.id!));
    if (all.length === 0) throw errors.schemaNotFound(idOf(params.id!));
    const shown = all.filter(({ deleted }) => !deleted || flag(query, 'deleted'));
    return shown.sort((a, b) =>
      a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : a.version - b.version,
    );
  };
  const byId = ({ params }: ApiRequest) => {
    const [found] = registry.store.byId(idOf(params.id!));
    if (!found) throw errors.schemaNotFound(idOf(params.id!));
    return found;
  };
  return [
    { method: 'GET', path: '/schemas/types', answer: () => schemaTypes },
    {
      method: 'GET',
      path: '/schemas',
      answer({ query }) {
        const which = whichOf(query);
        const prefix = query.get('subjectPrefix') ?? '';
        const versions = registry.store
          .subjects(which)
          .filter((subject) => subject.startsWith(prefix))
          .flatMap((subject) => {
            const all = registry.store.versions(subject, which);
            return flag(query, 'latestOnly') ? all.slice(-1) : all;
          });
        return page(versions, query).map(versionBody);
      },
    },
    {
      method: 'GET',
      path: '/schemas/ids/{id}',
      answer: (request) => ({
        ...contentBody(byId(request)),
        ...(flag(request.query, 'fetchMaxId') && { maxId: registry.store.highestId }),
      }),
    },
    { method: 'GET', path: '/schemas/ids/{id}/schema', answer: (request) => byId(request).schema },
    {
      method: 'GET',
      path: '/schemas/ids/{id}/subjects',
      answer: (request) => page([...new Set(places(request).map(({ subject }) => subject))], request.query),
    },
    {
      method: 'GET',
      path: '/schemas/ids/{id}/versions',
      answer: (request) =>
        page(
          places(request).map(({ subject, version }) => ({ subject, version })),
          request.query,
        ),
    },
  ];
}

function subjectRoutes(registry: SchemaRegistry): Route[] {
  const version = ({ params, query }: ApiRequest) =>
    registry.version(params.subject!, versionOf(params.version!), flag(query, 'deleted'));
  return [
    {
      method: 'GET',
      path: '/subjects',
      answer({ query }) {
        const prefix = query.get('subjectPrefix') ?? '';
        return page(
          registry.store.subjects(whichOf(query)).filter((subject) => subject.startsWith(prefix)),
          query,
        );
      },
    },
    {
      method: 'POST',
      path: '/subjects/{subject}',
      answer: ({ params, query, body }) =>
        versionBody(registry.lookup(params.subject!, body, flag(query, 'normalize'), flag(query, 'deleted'))),
    },
    {
      method: 'DELETE',
      path: '/subjects/{subject}',
      answer: ({ params, query }) => registry.deleteSubject(params.subject!, flag(query, 'permanent')),
    },
    {
      method: 'GET',
      path: '/subjects/{subject}/versions',
      answer({ params, query }) {
        const versions = registry.store.versions(params.subject!, whichOf(query));
        if (versions.length === 0) throw errors.subjectNotFound(params.subject!);
        return page(
          versions.map((each) => each.version),
          query,
        );
      },
    },
    {
      method: 'POST',
      path: '/subjects/{subject}/versions',
      async answer({ params, query, body }) {
        const { id } = await registry.register(params.subject!, objectOf(body), flag(query, 'normalize'));
        return { id };
      },
    },
    {
      method: 'GET',
      path: '/subjects/{subject}/versions/{version}',
      answer: (request) => versionBody(version(request)),
    },
    {
      method: 'GET',
      path: '/subjects/{subject}/versions/{version}/schema',
      answer: (request) => version(request).schema,
    },
    {
      method: 'GET',
      path: '/subjects/{subject}/versions/{version}/referencedby',
      answer(request) {
        const found = version(request);
        const by = registry.store.referencesTo(found.subject, found.version);
        return page(
          [...new Set(by.map(({ id }) => id))].sort((a, b) => a - b),
          request.query,
        );
      },
    },
    {
      method: 'DELETE',
      path: '/subjects/{subject}/versions/{version}',
      answer: ({ params, query }) =>
        registry.deleteVersion(params.subject!, versionOf(params.version!), flag(query, 'permanent')),
    },
  ];
}

function compatibilityRoutes(registry: SchemaRegistry): Route[] {
  const test = ({ params, query, body }: ApiRequest, version: VersionNumber | null) => {
    const messages = registry.testCompatibility(params.subject!, version, body, flag(query, 'normalize'));
    return { is_compatible: messages.length === 0, ...(flag(query, 'verbose') && { messages }) };
  };
  return [
    {
      method: 'POST',
      path: '/compatibility/subjects/{subject}/versions/{version}',
      answer: (request) => test(request, versionOf(request.params.version!)),
    },
    {
      method: 'POST',
      path: '/compatibility/subjects/{subject}/versions',
      answer: (request) => test(request, null),
    },
  ];
}

function configRoutes(registry: SchemaRegistry): Route[] {
  const put = async (subject: string | null, body: unknown) => {
    const wanted = String(objectOf(body).compatibility ?? '').toUpperCase();
    const level = compatibilityLevels.find((known) => known === wanted);
    if (!level) throw errors.invalidCompatibility();
    await registry.setLevel(subject, level);
    return { compatibility: level };
  };
  const remove = async (subject: string | null) => ({
    compatibilityLevel: await registry.setLevel(subject, null),
  });
  const get = (subject: string | null, query: URLSearchParams) => ({
    compatibilityLevel: registry.level(subject, flag(query, 'defaultToGlobal')),
  });
  return [
    { method: 'GET', path: '/config', answer: ({ query }) => get(null, query) },
    { method: 'PUT', path: '/config', answer: ({ body }) => put(null, body) },
    { method: 'DELETE', path: '/config', answer: () => remove(null) },
    { method: 'GET', path: '/config/{subject}', answer: ({ params, query }) => get(params.subject!, query) },
    { method: 'PUT', path: '/config/{subject}', answer: ({ params, body }) => put(params.subject!, body) },
    { method: 'DELETE', path: '/config/{subject}', answer: ({ params }) => remove(params.subject!) },
  ];
}

function modeRoutes(registry: SchemaRegistry): Route[] {
  const put = async (subject: string | null, { body, query }: ApiRequest) => {
    const wanted = String(objectOf(body).mode ?? '').toUpperCase();
    const mode = modes.find((known) => known === wanted);
    if (!mode) throw errors.invalidMode();
    await registry.setMode(subject, mode, flag(query, 'force'));
    return { mode };
  };
  const remove = async (subject: string | null) => ({ mode: await registry.setMode(subject, null, false) });
  return [
    { method: 'GET', path: '/mode', answer: () => ({ mode: registry.mode(null, true) }) },
    { method: 'PUT', path: '/mode', answer: (request) => put(null, request) },
    { method: 'DELETE', path: '/mode', answer: () => remove(null) },
    {
      method: 'GET',
      path: '/mode/{subject}',
      answer: ({ params, query }) => ({
        mode: registry.mode(params.subject!, flag(query, 'defaultToGlobal')),
      }),
    },
    { method: 'PUT', path: '/mode/{subject}', answer: (request) => put(request.params.subject!, request) },
    { method: 'DELETE', path: '/mode/{subject}', answer: ({ params }) => remove(params.subject!) },
  ];
}

function contentBody({ schema, schemaType, references }: SchemaVersion) {
  return {
    ...(schemaType !== 'AVRO' && { schemaType }),
    ...(references.length > 0 && { references }),
    schema,
  };
}

function versionBody(found: SchemaVersion) {
  const { subject, version, id } = found;
  return { subject, version, id, ...contentBody(found) };
}

function idOf(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new RegistryError(404, 'HTTP 404 Not Found');
  return Number(text);
}

function versionOf(text: string): VersionNumber {
  if (text === 'latest' || text === '-1') return 'latest';
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 2 ** 31 - 1) throw errors.invalidVersion(text);
  return number;
}

function objectOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RegistryError(422, 'The body must be a JSON object');
  }
  return body as Record<string, unknown>;
}

function flag(query: URLSearchParams, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true';
}

function whichOf(query: URLSearchParams): Which {
  if (flag(query, 'deletedOnly')) return 'deleted';
  return flag(query, 'deleted') ? 'all' : 'live';
}

function page<T>(items: readonly T[], query: URLSearchParams): T[] {
  const offset = Math.max(0, Number(query.get('offset') ?? 0) || 0);
  const limit = Number(query.get('limit') ?? -1) || -1;
  return items.slice(offset, limit < 0 ? undefined : offset + limit);
}
