import { codeOf, deleteAcls } from '../../protocol/index.ts';
import { filterOf } from './29-describe-acls.ts';
import { handler } from './handler.ts';

/** DeleteAcls 1–3: for each filter the rules that go. */
export const deleteAclsHandler = handler(deleteAcls, (request, { broker: { acls, health } }) => {
  const found = request.filters.map((filter) => acls.matching(filterOf(filter)));
  const isKept = health.attempt('ACLs', () => {
    acls.remove(found.flat());
    return true;
  });
  const filterResults = found.map((matching) =>
    isKept
      ? { errorCode: 0, matchingAcls: matching.map((acl) => ({ ...acl, errorCode: 0 })) }
      : { errorCode: codeOf('KAFKA_STORAGE_ERROR'), errorMessage: health.trouble, matchingAcls: [] },
  );
  return { filterResults };
});
