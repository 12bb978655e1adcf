import { whole } from '../format'
import { useWords } from '../settings'
import { Id } from './text'

/** Who belongs to a cluster, as far as they are listed, and how many are not. */
export function Members({ size, members }: { size: number; members: readonly string[] }) {
  const words = useWords()
  return (
    <>
      <ul class="ids">
        {members.map((member) => (
          <li key={member}>
            <Id id={member} page="account" />
          </li>
        ))}
      </ul>
      {size > members.length ? (
        <p class="hint">{words.cluster.notListed(whole(size - members.length))}</p>
      ) : null}
    </>
  )
}
