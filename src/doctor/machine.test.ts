import { checkNode, spaceFinding } from './machine'

describe('a version of Node', () => {
  it.each(['v20.20.2', 'v20.21.0', 'v22.22.2', 'v22.23.0', 'v24.14.1', 'v24.21.0', 'v25.8.2', 'v26.0.0'])(
    '%s is safe',
    (version) => {
      expect(checkNode(version).status).toBe('ok')
    },
  )

  it.each(['v18.20.8', 'v20.20.1', 'v20.19.9', 'v21.7.3', 'v22.22.1', 'v23.11.1', 'v24.14.0', 'v25.8.1'])(
    '%s is not',
    (version) => {
      expect(checkNode(version)).toMatchObject({ status: 'problem', cause: 'wrong', found: version })
    },
  )
})

it.each([
  [0.99, 'problem'],
  [1, 'warning'],
  [4.99, 'warning'],
  [5, 'ok'],
])('%d GB of free space are a %s', (gigabytes, status) => {
  expect(spaceFinding('state', gigabytes * 1e9).status).toBe(status)
})
