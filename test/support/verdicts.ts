import { verdictFrom, subjectOf } from '../../src/decide/verdict'
import { verdictIdOf } from '../../src/model/verdict-id'
import type { Case } from '../../src/decide/case-book'
import { controlPValue } from '../../src/detectors/control'
import { rungFor } from '../../src/decide/ladder'
import type { ClusterFinding } from '../../src/model/cluster'
import type { Finding } from '../../src/model/finding'
import type { Verdict } from '../../src/model/records'
import { defaultPolicy } from '../../src/policy/policy'

/** The verdict that a finding would come to under the default policy, at the end of its window. */
export function verdictOn(finding: Finding | ClusterFinding, described: Partial<Case> = {}): Verdict {
  const { offence, counts, window } = finding
  const rung =
    'kind' in finding
      ? rungFor(
          {
            controlEvents: finding.operatorEvents,
            controlPValue: controlPValue(finding.control),
            disputed: counts.disputed,
            confirmations: 0,
            earlierOffences: 0,
          },
          defaultPolicy.ladder,
        )
      : finding
  const startMs = window.start
  const open: Case = {
    verdictId: verdictIdOf({ mode: 'live', offence, subject: subjectOf(finding).id, startMs }),
    ...{
      offence,
      mode: 'live',
      qValue: 1e-5,
      revision: 1,
      status: 'raised',
      startMs,
      lastMs: window.end,
      counts,
    },
    ...{ recommendation: rung.recommendation, role: rung.role },
    ...described,
  }
  return verdictFrom(open, { finding, detectedAt: window.end, policy: defaultPolicy })
}
