/** One place at which two answers differ. */
export interface FieldDifference {
  /** `topics[parity].partitions[0].errorCode`: elements by their name or number, not by their place. */
  field: string;
  embedded: unknown;
  other: unknown;
}

/** What tells elements of an array apart, the first that they have. */
const keys = [
  'apiKey',
  'name',
  'topic',
  'topicId',
  'groupId',
  'user',
  'transactionalId',
  'resourceName',
  'partitionIndex',
  'partition',
  'index',
  'key',
  'memberId',
  'nodeId',
  'brokerId',
  'feature',
  'epoch',
  'baseOffset',
];

const ABSENT = '(absent)';

/** Every field in which two masked answers differ. Of texts of errors only counts whether there is one. */
export function differencesOf(embedded: unknown, other: unknown, field = ''): FieldDifference[] {
  if (Object.is(embedded, other)) return [];
  if (Array.isArray(embedded) && Array.isArray(other)) return ofArrays(embedded, other, field);
  if (isStruct(embedded) && isStruct(other)) {
    // What else an answer says goes with its error.
    const error = Object.keys(embedded).find(
      (name) => /errorCode$/i.test(name) && embedded[name] !== other[name],
    );
    if (error) return [{ field: fieldOf(field, error), embedded: embedded[error], other: other[error] }];
    return Object.keys({ ...embedded, ...other }).flatMap((name) =>
      differencesOf(
        name in embedded ? embedded[name] : ABSENT,
        name in other ? other[name] : ABSENT,
        fieldOf(field, name),
      ),
    );
  }
  if (/errorMessage$/i.test(field) && isText(embedded) && isText(other)) return [];
  return [{ field: field || '(answer)', embedded, other }];
}

const fieldOf = (field: string, name: string) => (field === '' ? name : `${field}.${name}`);

function ofArrays(embedded: unknown[], other: unknown[], field: string): FieldDifference[] {
  const key = keyOf([...embedded, ...other]);
  if (key === null) {
    const [one, two] = [embedded, other].map((values) =>
      values.some(isStruct) ? values : [...values].sort(byText),
    );
    if (JSON.stringify(one) === JSON.stringify(two)) return [];
    if (!one!.some(isStruct) || one!.length !== two!.length) return [{ field, embedded: one, other: two }];
    return one!.flatMap((each, at) => differencesOf(each, two![at], `${field}[${at}]`));
  }
  const [ours, theirs] = [byKey(embedded, key), byKey(other, key)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((id) =>
    differencesOf(ours.get(id) ?? ABSENT, theirs.get(id) ?? ABSENT, `${field}[${id}]`),
  );
}

const byText = (one: unknown, two: unknown) => (JSON.stringify(one) < JSON.stringify(two) ? -1 : 1);
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isStruct = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field that all elements have. */
function keyOf(elements: unknown[]): string | null {
  if (!elements.every(isStruct)) return null;
  const filled = (name: string) => elements.some((each) => each[name] !== '' && each[name] !== null);
  return (
    keys.find(
      (name) => elements.every((each) => name in each) && filled(name) && hasTellingValues(elements, name),
    ) ?? null
  );
}

/** Fields that a version does not have stand there with their default, the same in each. */
function hasTellingValues(elements: Record<string, unknown>[], name: string): boolean {
  return elements.length < 3
    ? !isNothing(elements[0]![name])
    : new Set(elements.map((each) => each[name])).size > 1;
}

const isNothing = (value: unknown) => value === '00000000-0000-0000-0000-000000000000' || value === undefined;

function byKey(elements: unknown[], key: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const each of elements as Record<string, unknown>[]) {
    let id = String(each[key]);
    while (found.has(id)) id += "'";
    found.set(id, each);
  }
  return found;
}
