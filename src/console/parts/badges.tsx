import { useWords } from '../settings'
import type { Mode, Recommendation, Status } from '../../model/records'

/** What is recommended, by word and by colour. */
export function RecommendationBadge({ is, isFormer = false }: { is: Recommendation; isFormer?: boolean }) {
  return <span class={`badge rung-${is}${isFormer ? ' former' : ''}`}>{useWords().recommendations[is]}</span>
}

export function StatusBadge({ is }: { is: Status }) {
  return <span class={`badge status-${is}`}>{useWords().statuses[is]}</span>
}

/** Said only of a verdict that is on trial: all others count. */
export function ModeBadge({ is }: { is: Mode }) {
  return is === 'live' ? null : <span class="badge on-trial">{useWords().modes[is]}</span>
}

/** Whether a verdict no longer holds, so that nothing is recommended. */
export function isFormer(status: Status): boolean {
  return status === 'cleared' || status === 'overturned'
}
