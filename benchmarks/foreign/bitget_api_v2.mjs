// The npm package bitget-api against the emulator: its named margin methods of API v2, and its WebSocket client.
// Started by prove_bitget_api.py. Prints one JSON line for each call: {name, ok, code, saw}.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const { VENUE_URL: url, VENUE_KEY, VENUE_SECRET, VENUE_PASS, VENUE_CONTROL, MODULES } = process.env
const require = createRequire(join(MODULES, 'index.js'))
const { RestClientV2, WebsocketClientV2 } = require('bitget-api')
const version = require(join(MODULES, 'node_modules', 'bitget-api', 'package.json')).version

const keys = { apiKey: VENUE_KEY, apiSecret: VENUE_SECRET, apiPass: VENUE_PASS }
const rest = new RestClientV2({ ...keys, baseUrl: url })
const say = (row) => console.log(JSON.stringify(row))
say({ version })

async function call(name, run, see = () => true) {
  try {
    const answer = await run()
    const saw = see(answer.data)
    say({ name, ok: answer.code === '00000' && Boolean(saw), saw })
    return answer.data
  } catch (problem) {
    const body = problem.body ?? problem
    // requestOptions would hold the key: only what the venue said is kept.
    say({ name, ok: false, code: body?.code ?? String(problem.code ?? ''), saw: String(body?.msg ?? problem.message ?? problem).slice(0, 200) })
    return undefined
  }
}

// The emulator's own words: prices and faults.
async function control(word, body) {
  const headers = { 'X-Sandbox-Token': VENUE_CONTROL, 'Content-Type': 'application/json' }
  const answer = await fetch(`${url}/_sandbox/${word}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
}

// A named method whose path the package spells wrongly, and the same call by its right path and the same client.
async function named(name, type, params, method, path, see) {
  await call(`${name} ${type}`, () => rest[name](type, params), see)
  const right = `/api/v2/margin/${type}/${path}`
  return call(`${name} ${type}, by path`, () => (method === 'GET' ? rest.getPrivate(right, params) : rest.postPrivate(right, params)), see)
}

const quiet = () => undefined
const silent = { trace: quiet, info: quiet, error: quiet }
const ws = new WebsocketClientV2({ ...keys, wsUrl: url.replace('http', 'ws') + '/v2/ws/private' }, silent)
const open = new WebsocketClientV2({ wsUrl: url.replace('http', 'ws') + '/v2/ws/public' }, silent)
const heard = {}
const waiting = {}
for (const client of [ws, open]) {
  client.on('exception', quiet)
  client.on('update', (push) => {
    const channel = push.arg?.channel
    heard[channel] = (heard[channel] ?? 0) + 1
    waiting[channel]?.(push)
  })
}
const next = (channel) => new Promise((resolve) => { waiting[channel] = resolve; setTimeout(() => resolve(null), 5000).unref?.() })

const orders = next('orders-crossed')
const accounts = next('account-crossed')
const isolatedAccounts = next('account-isolated')
const isolatedOrders = next('orders-isolated')
const index = next('index-price')
await ws.subscribeTopic('MARGIN', 'account-crossed')
await ws.subscribeTopic('MARGIN', 'account-isolated')
await ws.subscribeTopic('MARGIN', 'orders-crossed', 'BTCUSDT')
await ws.subscribeTopic('MARGIN', 'orders-isolated', 'BTCUSDT')
await open.subscribeTopic('MARGIN', 'index-price')
say({ name: 'ws index-price', ok: Boolean(await index) })
say({ name: 'ws account-crossed', ok: Boolean(await accounts) })

await call('getMarginCurrencies', () => rest.getMarginCurrencies(), (rows) => rows.some((row) => row.symbol === 'BTCUSDT' && row.maxCrossedLeverage))
await call('getServerTime', () => rest.getServerTime(), (data) => data.serverTime)
for (const type of ['crossed', 'isolated']) {
  const where = type === 'isolated' ? { symbol: 'BTCUSDT' } : {}
  const since = { startTime: String(Date.now() - 3_600_000) }
  const to = `${type}_margin`
  await call(`transfer ${type}`, () => rest.spotTransfer({ fromType: 'spot', toType: to, amount: '2000', coin: 'USDT', ...where }), (data) => data.transferId)
  await call(`getMarginAccountAssets ${type}`, () => rest.getMarginAccountAssets(type, where), (rows) => rows.some((row) => row.coin === 'USDT' && Number(row.available) >= 2000))
  await call(`marginBorrow ${type}`, () => rest.marginBorrow(type, { coin: 'USDT', borrowAmount: '100', ...where }), (data) => data.loanId)
  await call(`getMarginRiskRate ${type}`, () => rest.getMarginRiskRate(type), (data) => (Array.isArray(data) ? data[0] : data).riskRateRatio)
  const asked = type === 'isolated' ? where : { coin: 'USDT' }
  await named('getMarginMaxBorrowable', type, asked, 'GET', 'account/max-borrowable-amount', (data) => Number(data.maxBorrowableAmount ?? data.quoteCoinMaxBorrowAmount) > 0)
  await named('getMarginMaxTransferable', type, asked, 'GET', 'account/max-transfer-out-amount', (data) => Number(data.maxTransferOutAmount ?? data.quoteCoinMaxTransferOutAmount) > 0)
  await named('getMarginInterestRateAndMaxBorrowable', type, asked, 'GET', 'interest-rate-and-limit', (rows) => Number(rows[0].dailyInterestRate ?? rows[0].quoteDailyInterestRate) > 0)
  await call(`getMarginTierConfiguration ${type}`, () => rest.getMarginTierConfiguration(type, type === 'isolated' ? where : { coin: 'USDT' }), (rows) => rows[0].maintainMarginRate)
  const market = { symbol: 'BTCUSDT', side: 'buy', orderType: 'market', force: 'gtc', loanType: 'normal', quoteSize: '300' }
  const bought = await call(`marginSubmitOrder ${type}`, () => rest.marginSubmitOrder(type, market), (data) => data.orderId)
  const limit = { side: 'sell', orderType: 'limit', price: '40000', force: 'gtc', loanType: 'normal', baseSize: '0.001' }
  const batch = await call(`marginBatchSubmitOrders ${type}`, () => rest.marginBatchSubmitOrders(type, { symbol: 'BTCUSDT', orderList: [limit, limit] }), (data) => data.successList.length === 2)
  await call(`getMarginOpenOrders ${type}`, () => rest.getMarginOpenOrders(type, { symbol: 'BTCUSDT', ...since }), (data) => data.orderList.length === 2 && data.orderList[0].status === 'live')
  const [first, second] = batch?.successList ?? []
  await call(`marginCancelOrder ${type}`, () => rest.marginCancelOrder(type, { symbol: 'BTCUSDT', orderId: first?.orderId }), (data) => data.orderId === first?.orderId)
  await named('marginBatchCancelOrders', type, { symbol: 'BTCUSDT', orderIdList: [{ orderId: second?.orderId }] }, 'POST', 'batch-cancel-order', (data) => data.successList[0].orderId === second?.orderId)
  await call(`getMarginHistoricOrders ${type}`, () => rest.getMarginHistoricOrders(type, { symbol: 'BTCUSDT', ...since }), (data) => data.orderList.some((row) => row.orderId === bought?.orderId && row.status === 'filled'))
  await call(`getMarginHistoricOrderFills ${type}`, () => rest.getMarginHistoricOrderFills(type, { symbol: 'BTCUSDT', ...since }), (data) => data.fills[0].feeDetail.feeCoin === 'BTC')
  await call(`getMarginBorrowHistory ${type}`, () => rest.getMarginBorrowHistory(type, { ...where, ...since }), (data) => data.resultList[0].borrowType === 'manual_loan')
  await call(`getMarginInterestHistory ${type}`, () => rest.getMarginInterestHistory(type, { ...where, ...since }), (data) => data.resultList[0].interestAmount)
  await call(`marginRepay ${type}`, () => rest.marginRepay(type, { coin: 'USDT', repayAmount: '50', ...where }), (data) => data.repayId)
  await call(`getMarginRepayHistory ${type}`, () => rest.getMarginRepayHistory(type, { ...where, ...since }), (data) => data.resultList[0].repayType === 'manual_repay')
  await call(`getMarginFinancialHistory ${type}`, () => rest.getMarginFinancialHistory(type, { ...where, ...since }), (data) => data.resultList.length > 3)
  await call(`getMarginLiquidationHistory ${type}`, () => rest.getMarginLiquidationHistory(type, { ...where, ...since }), (data) => data.resultList.length === 0)
  await call(`getMarginLiquidationOrders ${type}`, () => rest.getMarginLiquidationOrders(type, { type: 'place_order' }), (data) => data.resultList.length === 0)
  const repaid = await named('marginFlashRepay', type, type === 'isolated' ? { symbolList: ['BTCUSDT'] } : { coin: 'USDT' }, 'POST', 'account/flash-repay', (data) => (data[0] ?? data).repayId)
  await named('getMarginFlashRepayResult', type, { idList: [(repaid?.[0] ?? repaid)?.repayId] }, 'POST', 'account/query-flash-repay-status', (rows) => rows[0].status)
}
say({ name: 'ws orders-crossed', ok: Boolean(await orders) })
say({ name: 'ws account-isolated', ok: Boolean(await isolatedAccounts) })
say({ name: 'ws orders-isolated', ok: Boolean(await isolatedOrders) })

// Cut while a push is on its way, both sockets come back by themselves, log in and subscribe again, and hear what follows.
async function comesBack(client, name, channel, stir) {
  const again = new Promise((resolve) => { client.once('reconnected', () => resolve(true)); setTimeout(() => resolve(false), 15000).unref?.() })
  await control('faults', { kind: 'cut', endpoint: channel, count: 1 })
  await stir()
  const back = await again
  let push = null
  for (let tries = 0; back && push === null && tries < 20; tries++) {
    const later = new Promise((resolve) => { waiting[name] = resolve; setTimeout(() => resolve(null), 500) })
    await stir()
    push = await later
  }
  say({ name: `ws ${name} after a cut`, ok: back && push !== null })
}
let price = 30000
await comesBack(ws, 'account-crossed', 'cross_account', () => rest.marginBorrow('crossed', { coin: 'USDT', borrowAmount: '1' }))
await comesBack(open, 'index-price', 'indexPrice', () => control('market', { symbol: 'BTC/USDT', price: String(++price) }))

// A liquidation, in both accounts.
await control('market', { symbol: 'BTC/USDT', price: '30000' })
const buy = { symbol: 'BTCUSDT', side: 'buy', orderType: 'market', force: 'gtc', loanType: 'autoLoan' }
for (const [type, quoteSize] of [['crossed', '26000'], ['isolated', '8000']]) await call(`marginSubmitOrder ${type} on credit`, () => rest.marginSubmitOrder(type, { ...buy, quoteSize }), (data) => data.orderId)
await control('market', { symbol: 'BTC/USDT', price: '15000' })
await control('market', { symbol: 'BTC/USDT', price: '15001' })
for (const type of ['crossed', 'isolated']) {
  const where = type === 'isolated' ? { symbol: 'BTCUSDT' } : {}
  const since = { startTime: String(Date.now() - 3_600_000) }
  await call(`getMarginLiquidationHistory ${type} of one`, () => rest.getMarginLiquidationHistory(type, { ...where, ...since }), (data) => data.resultList[0].liqId)
  await call(`getMarginLiquidationOrders ${type} of one`, () => rest.getMarginLiquidationOrders(type, {}), (data) => data.resultList[0].side === 'liquidation-sell' && data.resultList[0].symbol === 'BTCUSDT' && Number(data.resultList[0].fillSize) > 0)
}
say({ heard })
ws.closeAll(true)
open.closeAll(true)
setTimeout(() => process.exit(0), 200)
