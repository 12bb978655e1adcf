import { isOfTls } from './tls-error'

it.each([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'EPROTO',
])('%s is of TLS', (code) => {
  expect(isOfTls(code)).toBe(true)
})

it.each(['ECONNREFUSED', 'EPROTONOSUPPORT', 'WEPROTO', 'NOT_ERR_SSL', undefined, ['EPROTO']])(
  '%s is not',
  (code) => {
    expect(isOfTls(code)).toBe(false)
  },
)
