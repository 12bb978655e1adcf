import { execFileSync } from 'node:child_process'
import { Chain, emptyChain } from './chain'

const bytes = (text: string) => new TextEncoder().encode(text)
const named = { verdictId: 'v-1', revision: 1 }

it('says of each verdict which it is, what it is and what came before', () => {
  const chain = new Chain()
  const first = chain.link(named, bytes('a'))
  const second = chain.link({ verdictId: 'v-2', revision: 3 }, bytes('b'))
  expect(first).toMatchObject({ ...named, sequence: 1 })
  expect(second).toMatchObject({ verdictId: 'v-2', revision: 3, sequence: 2 })
  expect(chain.head).toEqual({ sequence: 2, chain: second.chain })
})

it('can be checked by hand', () => {
  const { sha256, chain } = new Chain().link(named, bytes('a'))
  const byHand = (text: string) => execFileSync('sha256sum', { input: text }).toString().slice(0, 64)
  expect(sha256).toBe(byHand('a'))
  expect(chain).toBe(byHand(emptyChain.chain + sha256))
})

it('ends otherwise when any verdict was another, or they came in another order', () => {
  const end = (...texts: string[]) => {
    const chain = new Chain()
    for (const text of texts) chain.link(named, bytes(text))
    return chain.head.chain
  }
  const ends = [
    end('a', 'b', 'c'),
    end('a', 'x', 'c'),
    end('b', 'a', 'c'),
    end('a', 'c'),
    end('a', 'b', 'c', 'c'),
  ]
  expect(new Set(ends).size).toBe(ends.length)
})

it('goes on from a kept end', () => {
  const whole = new Chain()
  whole.link(named, bytes('a'))
  const resumed = new Chain()
  resumed.head = whole.head
  expect(resumed.link(named, bytes('b'))).toEqual(whole.link(named, bytes('b')))
})
