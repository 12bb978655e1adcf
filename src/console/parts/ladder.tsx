import { recommendations } from '../../model/records'
import type { Recommendation } from '../../model/records'
import { useWords } from '../settings'

/** The ladder from the mildest rung to the gravest, and which of them a verdict stands on. */
export function Ladder({ at, isFormer }: { at: Recommendation; isFormer: boolean }) {
  const words = useWords()
  const reached = recommendations.indexOf(at)
  return (
    <ol class="ladder">
      {recommendations.map((rung, place) => (
        <li
          key={rung}
          class={`rung-${rung}${place <= reached && !isFormer ? ' reached' : ''}${place === reached ? ' here' : ''}`}
          {...(place === reached ? { 'aria-current': 'step' as const } : {})}
        >
          <strong>{words.recommendations[rung]}</strong>
          <small>{words.rungs[rung]}</small>
          {place === reached ? <em>{isFormer ? words.verdict.was : words.verdict.here}</em> : null}
        </li>
      ))}
    </ol>
  )
}
