// @ts-check
/**
 * What a verdict asks to be done: functions of the verdict, of what was done before, and of the time.
 *
 * @typedef {object} Verdict What is needed of a verdict; the rest is evidence.
 * @property {string} verdictId
 * @property {number} revision
 * @property {'raised' | 'escalated' | 'cleared' | 'overturned'} status
 * @property {{ type: string, id: string }} subject
 * @property {string} accountId
 * @property {'watch' | 'correct-count' | 'warn' | 'limit' | 'suspend' | 'close'} recommendation
 * @property {'shadow' | 'live'} mode
 * @property {{ members: string[] } | null} [cluster]
 * @property {number} expiresAt
 *
 * @typedef {object} Act One thing that was done, and how its verdict stands since.
 * @property {string} verdictId
 * @property {number} revision
 * @property {'impose' | 'change' | 'lift' | 'nothing'} doing
 * @property {string | null} sanction what is in force
 * @property {string[]} whom on whom it is in force
 * @property {string[]} freed on whom it is no longer
 * @property {number} untilMs
 * @property {string} because
 */

/** Rungs that are done to somebody: `watch` is for analysts, `correct-count` changes a number and nobody's standing. */
export const sanctions = ['warn', 'limit', 'suspend', 'close']
const recommendations = ['watch', 'correct-count', ...sanctions]
const statuses = ['raised', 'escalated', 'cleared', 'overturned']

/**
 * Throws a sentence when the record is no verdict that can be acted on. A word that is not known is not guessed at.
 * @param {{ key?: Buffer | null, value: Buffer | null }} record
 * @returns {Verdict}
 */
export function readVerdict({ key, value }) {
  const verdict = Object(JSON.parse(value?.toString() ?? 'null'))
  const { verdictId, revision, status, subject, accountId, recommendation, mode, cluster, expiresAt } =
    verdict
  const checks = {
    verdictId: isName(verdictId),
    revision: Number.isSafeInteger(revision) && revision >= 1,
    status: statuses.includes(status),
    subject: isName(subject?.type) && isName(subject.id),
    // Under another key it lies in another partition, in no order with the others of its account.
    'accountId, which is the key,': isName(accountId) && key?.toString() === accountId,
    recommendation: recommendations.includes(recommendation),
    mode: mode === 'live' || mode === 'shadow',
    cluster: cluster == null || (Array.isArray(cluster.members) && cluster.members.every(isName)),
    expiresAt: Number.isSafeInteger(expiresAt),
  }
  const wrong = Object.entries(checks).find(([, isRight]) => !isRight)
  if (wrong !== undefined) throw new Error(`${wrong[0]} is missing or not as agreed`)
  return verdict
}

/** @param {unknown} value */
const isName = (value) => typeof value === 'string' && value !== ''

/**
 * Undefined for a verdict on trial, a repeat and an older revision. That nothing is to be done is an act as well: an
 * older revision that comes behind it must not be taken for news.
 * @param {Verdict} verdict
 * @param {Act | undefined} latest the latest act on the same verdict
 * @param {number} nowMs
 * @returns {Act | undefined}
 */
export function actFor(verdict, latest, nowMs) {
  const { verdictId, revision, status, recommendation, mode, expiresAt: untilMs } = verdict
  if (mode === 'shadow' || (latest !== undefined && revision <= latest.revision)) return undefined
  const isFound = status === 'raised' || status === 'escalated'
  const isOver = untilMs <= nowMs
  const before = latest?.whom ?? []
  const whom = isFound && !isOver && sanctions.includes(recommendation) ? concerned(verdict) : []
  const freed = before.filter((id) => !whom.includes(id))
  const sanction = whom.length > 0 ? recommendation : null
  const [first, next] = sanction
    ? /** @type {const} */ (['impose', 'change'])
    : /** @type {const} */ (['nothing', 'lift'])
  const doing = before.length === 0 ? first : next
  return {
    verdictId,
    revision,
    doing,
    sanction,
    whom,
    freed,
    untilMs,
    because: isFound && isOver ? 'expired' : status,
  }
}

/**
 * Ends an act whose time is over.
 * @param {Act} act
 * @returns {Act}
 */
export function expiryOf(act) {
  return { ...act, doing: 'lift', sanction: null, whom: [], freed: act.whom, because: 'expired' }
}

/**
 * A verdict about a cluster, or about a content that a cluster pushed, is about its members; `accountId` is then but
 * one of them, and may be another in the next revision.
 * @param {Verdict} verdict
 */
function concerned({ subject, accountId, cluster }) {
  if (subject.type === 'account' || subject.type === 'actor') return [subject.id]
  return cluster?.members.length ? cluster.members : [accountId]
}
