import { isIP } from 'node:net'
import fc from 'fast-check'
import { readNetwork } from './network'

function network(address: string): string {
  const bytes = new TextEncoder().encode(address)
  const target = new Uint8Array(7)
  return Buffer.from(target.subarray(0, readNetwork(bytes, 0, bytes.length, target))).toString('hex')
}

describe('the network of an address', () => {
  it.each([
    ['192.0.2.77', '04c00002'],
    ['0.0.0.0', '04000000'],
    ['255.255.255.255', '04ffffff'],
    ['2001:db8:1234:5678::9', '0620010db81234'],
    ['2001:DB8:1234:5678:1:2:3:4', '0620010db81234'],
    ['::', '06000000000000'],
    ['::1', '06000000000000'],
    ['2001:db8::', '0620010db80000'],
    ['1::2:3:4:5:6:7', '06000100000002'],
    ['64:ff9b::192.0.2.77', '060064ff9b0000'],
  ])('of %s is %s', (address, expected) => {
    expect(network(address)).toBe(expected)
  })

  it('is that of IPv4 for an IPv4 address in the clothes of IPv6', () => {
    expect(network('::ffff:192.0.2.77')).toBe(network('192.0.2.1'))
    expect(network('::FFFF:c000:24d')).toBe(network('192.0.2.1'))
    expect(network('0:0:0:0:0:ffff:192.0.2.77')).toBe(network('192.0.2.1'))
  })

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.04',
    '1.2.3.4 ',
    '1..3.4',
    '1.2.3.4567',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7::8',
    '12345::',
    '1:2:3:4:5:6:7:',
    ':1:2:3:4:5:6:7:8',
    'g::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    'fe80::1%eth0',
    'unknown',
    '-',
  ])('is unknown for %j', (address) => {
    expect(network(address)).toBe('')
  })

  it('is known for the addresses that the platform knows, and for no other text', () => {
    const almost = fc.stringMatching(/^[0-9a-f:.]{2,46}$/)
    const any = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      almost,
      fc.tuple(fc.ipV6(), fc.ipV4()).map((both) => both.join(':')),
    )
    fc.assert(
      fc.property(any, (address) => {
        expect(network(address) !== '').toBe(isIP(address) !== 0)
      }),
      { numRuns: 5000 },
    )
  })

  it('is the beginning of the address, however that is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        // The WHATWG form is canonical.
        const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
        expect(network(canonical)).toBe(network(address))
      }),
    )
  })
})
