// The npm package bitget-api 1.1.1, unchanged: REST client, and WebSocket client on the old stream.
// Arguments: the emulator's config and a list of [method, path, params]. Prints one JSON line.
const { createRequire } = require('node:module')
const { join } = require('node:path')

const [config, calls] = process.argv.slice(2).map((text) => JSON.parse(text))
const modules = process.env.MODULES
const { SpotClient, WebsocketClient } = createRequire(join(modules, 'index.js'))('bitget-api')
const { version } = require(join(modules, 'node_modules', 'bitget-api', 'package.json'))

const keys = { apiKey: config.apiKey, apiSecret: config.secret, apiPass: config.password }
const rest = new SpotClient({ ...keys, baseUrl: config.url })
const quiet = () => undefined
const silent = { silly: quiet, debug: quiet, notice: quiet, info: quiet, warning: quiet, error: quiet }
const ws = new WebsocketClient({ ...keys, wsUrl: config.ws_url }, silent)

const heard = {}
const told = { version, refused: [], heard }
const waiting = []
ws.on('update', (push) => {
  heard[push.arg.channel] = (heard[push.arg.channel] ?? 0) + 1
  waiting.splice(0).forEach((wake) => wake())
})
ws.on('exception', (problem) => told.refused.push(problem.code ?? String(problem)))

const until = async (condition) => {
  const end = Date.now() + 15_000
  while (!condition() && Date.now() < end) {
    await new Promise((wake) => { waiting.push(wake); setTimeout(wake, 100) })
  }
  return condition()
}

async function main() {
  told.time = (await rest.getServerTime()).code
  told.symbols = (await rest.getSymbols()).data.length
  told.ticker = (await rest.getTicker('BTCUSDT_SPBL')).data.close
  told.depth = (await rest.getDepth('BTCUSDT_SPBL', 'step0')).data.bids.length
  // It knows no name for margin's own kind of instrument, so it sends the spot one.
  ws.subscribeTopic('SPBL', 'cross_account')
  ws.subscribeTopic('SPBL', 'cross_orders', 'BTCUSDT_SPBL')
  ws.subscribeTopic('SPBL', 'indexPrice')
  told.subscribed = Boolean(await until(() => heard.cross_account && heard.indexPrice))
  told.codes = []
  for (const [method, path, params] of calls) {
    try {
      const answer = await (method === 'GET' ? rest.getPrivate(path, params) : rest.postPrivate(path, params))
      told.codes.push(answer.code)
    } catch (problem) {
      told.codes.push(String(problem.body?.code ?? problem))
    }
  }
  told.orders = Boolean(await until(() => heard.cross_orders))
  console.log(JSON.stringify(told))
  ws.closeAll(true)
  process.exit(0)
}

main()
