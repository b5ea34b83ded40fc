import { DdsError } from '../../../errors/index.ts';
import { codeOf, createAcls } from '../../protocol/index.ts';
import { aclProblem, hasUnknown } from '../state/acls.ts';
import { handler } from './handler.ts';

/** CreateAcls 1–3: each rule for itself. Left out: nothing is refused by them. */
export const createAclsHandler = handler(
  createAcls,
  ({ creations }, { broker: { acls, health } }) => {
    const asked = creations.map(({ resourcePatternType: patternType, ...rest }) => ({
      ...rest,
      patternType,
    }));
    if (asked.some(hasUnknown)) throw new DdsError('DDS_PROTOCOL', 'an ACL with an unknown element');
    const problems = asked.map(aclProblem);
    const isKept = health.attempt('ACLs', () => {
      acls.add(asked.filter((_, index) => problems[index] === null));
      return true;
    });
    const results = problems.map((problem) => {
      if (problem !== null) return { errorCode: codeOf('INVALID_REQUEST'), errorMessage: problem };
      return isKept
        ? { errorCode: 0, errorMessage: '' }
        : { errorCode: codeOf('KAFKA_STORAGE_ERROR'), errorMessage: health.trouble };
    });
    return { results };
  },
  { leftOut: 'rules are kept and described, and refuse nothing yet' },
);
