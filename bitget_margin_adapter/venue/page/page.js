"use strict";
// Draws what the emulator sends over /live. Texts are put in as texts, never as HTML.

const KEPT = 600;                       // points of a line
const LIQUIDATION = 1, WARNING = 0.8;
const history = { equity: {}, price: {} };
let chosen = null, wait = 500, latest = null;

const $ = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const svg = tag === "svg" || tag === "path";
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const exact = new Intl.NumberFormat("en", { maximumFractionDigits: 8 });
const number = (text) => (text === null || text === undefined ? "–" : exact.format(text));

function time(ms) {
  return new Date(Number(ms)).toISOString().replace("T", " ").slice(0, 19);
}

function remember(line, value) {
  if (line.length && line[line.length - 1] === value && line.length > 1 && line[line.length - 2] === value) return;
  line.push(value);
  if (line.length > KEPT) line.shift();
}

function draw(svg, line) {
  const low = Math.min(...line), high = Math.max(...line), span = high - low || 1;
  const points = line.length > 1 ? line : [line[0], line[0]];
  const path = points.map((value, at) =>
    `${at ? "L" : "M"}${(100 * at / (points.length - 1)).toFixed(2)},${(38 - 36 * (high === low ? .5 : (value - low) / span)).toFixed(2)}`);
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.replaceChildren(make("path", { d: path.join(" ") }));
}

function table(node, heads, rows, empty) {
  if (!rows.length) return node.replaceChildren(make("tbody", {}, make("tr", {}, make("td", { class: "empty" }, empty))));
  const head = make("thead", {}, make("tr", {}, ...heads.map(([text, hide]) => make("th", { class: hide ? "hide-small" : null, scope: "col" }, text))));
  const body = rows.map((row) => make("tr", {}, ...row.map((cell, at) => {
    const [text, kind] = Array.isArray(cell) ? cell : [cell, null];
    return make("td", { class: [kind, heads[at][1] ? "hide-small" : null].filter(Boolean).join(" ") || null }, text);
  })));
  node.replaceChildren(head, make("tbody", {}, ...body));
}

function place(name) {
  return name.startsWith("isolated:") ? `Isolated ${name.slice(9)}` : name[0].toUpperCase() + name.slice(1);
}

function gauge(risk) {
  const rate = Number(risk), kind = rate >= LIQUIDATION ? "bad" : rate >= WARNING ? "warn" : "";
  const bar = make("i");
  bar.style.width = `${Math.min(100, 100 * rate / LIQUIDATION)}%`;
  return make("div", { class: `gauge ${kind}`, role: "meter", "aria-valuemin": 0, "aria-valuemax": 1, "aria-valuenow": risk, "aria-label": "Risk" },
    make("div", {}, bar, make("em")),
    make("p", {}, make("span", {}, `Risk ${(100 * rate).toFixed(2)} %`), make("span", {}, "warning 80 · liquidation 100")));
}

function wallet(data) {
  const coins = make("table");
  table(coins, [["Coin"], ["Available"], ["Frozen", true], ["Borrowed"], ["Interest"], ["Value, USDT", true]],
    data.coins.map((row) => [row.coin, number(row.available), number(row.frozen),
      [number(row.borrow), Number(row.borrow) ? "debt" : null], [number(row.interest), Number(row.interest) ? "debt" : null],
      row.value === null ? "–" : money.format(row.value)]), "Empty");
  return make("article", { class: "wallet" },
    make("div", {}, make("h3", {}, place(data.place)), make("span", {}, make("small", {}, "net "), money.format(data.net), make("small", {}, " USDT"))),
    data.risk === null ? null : gauge(data.risk), make("div", { class: "scroll" }, coins));
}

function accounts(all) {
  $("accounts").hidden = all.length < 2;
  $("accounts").replaceChildren(...all.map((account) => {
    const button = make("button", { "aria-pressed": String(account.name === chosen), type: "button" }, account.name);
    button.onclick = () => { chosen = account.name; show(latest); };
    return button;
  }));
}

function prices(all) {
  const cards = Object.entries(all).map(([symbol, text]) => {
    const line = history.price[symbol] || [], svg = make("svg", { "aria-hidden": "true" });
    if (line.length) draw(svg, line);
    const change = line.length ? Number(text) - line[0] : 0;
    return make("div", { class: "price" }, make("small", {}, symbol),
      make("b", { class: change > 0 ? "up" : change < 0 ? "down" : null }, number(text)), svg);
  });
  if (cards.length) $("prices").replaceChildren(...cards);
}

function show(picture) {
  $("now").textContent = `${time(picture.now)} UTC`;
  const account = picture.accounts.find((one) => one.name === chosen) || picture.accounts[0];
  chosen = account.name;
  accounts(picture.accounts);
  prices(picture.prices);
  const line = history.equity[account.name] || [Number(account.equity)];
  const change = Number(account.equity) - line[0];
  $("equity").textContent = money.format(account.equity);
  $("since").textContent = account.unpriced ? "some coins have no price yet" : `${change < 0 ? "−" : "+"}${money.format(Math.abs(change))} since this page was opened`;
  draw($("equity-line"), line);
  if (account.wallets.length) $("wallets").replaceChildren(...account.wallets.map(wallet));
  table($("orders"), [["Pair"], ["Side"], ["Type", true], ["Price"], ["Amount"], ["Filled"], ["Where", true]],
    account.orders.map((row) => [row.symbol, [row.side, row.side.endsWith("buy") ? "up" : "down"], row.orderType, number(row.price),
      number(row.baseQuantity || row.quoteAmount), number(row.fillQuantity), place(row.place)]), "No open orders.");
  table($("fills"), [["Time"], ["Pair"], ["Side"], ["Price"], ["Amount"], ["Fee", true], ["Where", true]],
    account.fills.map((row) => [time(row.ctime).slice(5, 16), row.symbol, [row.side, row.side.endsWith("buy") ? "up" : "down"], number(row.fillPrice),
      number(row.fillQuantity), `${number(row.fees)} ${row.feeCcy}`, place(row.place)]), "Nothing has been traded yet.");
}

function receive(picture) {
  latest = picture;
  for (const account of picture.accounts) remember(history.equity[account.name] ||= [], Number(account.equity));
  for (const [symbol, text] of Object.entries(picture.prices)) remember(history.price[symbol] ||= [], Number(text));
  show(picture);
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/live`);
  const badge = (text, kind) => { $("state").textContent = text; $("state").className = `badge ${kind}`; };
  socket.onopen = () => { wait = 500; badge("live", "live"); };
  socket.onmessage = (message) => receive(JSON.parse(message.data));
  socket.onclose = () => { badge("not connected, trying again", "lost"); setTimeout(connect, wait); wait = Math.min(10000, wait * 2); };
}

connect();
