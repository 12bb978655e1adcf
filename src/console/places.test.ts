import fc from 'fast-check'
import { consolePages } from '../http/console-files'
import { addressOf, addressOfTyped, placeAt } from './places'

const placeOf = (address: string) => placeAt(new URL(address, 'http://localhost'))

it('finds its way back from the address of anything', () => {
  const page = fc.constantFrom('account', 'verdict', 'cluster')
  // A browser takes one or two dots for a folder, however they are written.
  const id = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text))
  fc.assert(
    fc.property(page, id, (kind, text) => {
      expect(placeOf(addressOf(kind, text))).toEqual({ page: kind, id: text })
    }),
  )
})

it('is at every address that the server serves it at, and at no other', () => {
  for (const path of consolePages) expect(placeOf(path.replace(':id', 'x')).page).not.toBe('missing')
  for (const path of [
    '/accounts',
    '/accounts/',
    '/accounts/a/b',
    '/clusters/',
    '/nowhere',
    '/accounts/%ff',
  ]) {
    expect([path, placeOf(path).page]).toEqual([path, 'missing'])
  }
})

it('takes what was typed for a verdict or a cluster where it is named like one, else for an account', () => {
  expect(addressOfTyped(`v-${'0'.repeat(32)}`)).toBe(`/verdicts/v-${'0'.repeat(32)}`)
  expect(addressOfTyped(`c-${'0'.repeat(16)}`)).toBe(`/clusters/c-${'0'.repeat(16)}`)
  expect(addressOfTyped('v-club')).toBe('/accounts/v-club')
  expect(addressOfTyped('half \uD800')).toBe('/accounts/half%20%EF%BF%BD')
})
