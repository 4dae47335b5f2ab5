// The explorer in headless Chromium: what people do there, without the internet.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import puppeteer from 'puppeteer-core';

const PATIENCE = 5000;
const NARROW = { width: 390, height: 844, isMobile: true, hasTouch: true };
const WIDE = { width: 1280, height: 800 };
const title = `Explorer ${crypto.randomUUID()}`;
const DRAFT = `mutation { createArticle(input: { title: "${title}", body: "正文。", regions: ["130100"] }) { article { id } userErrors { message } } }`;

function chromium() {
  const isThere = (path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const folders = (process.env.PATH ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const path = process.env.REDIAN_CHROMIUM || paths.find(isThere);
  if (!path) throw new Error("Install Debian's package chromium, or set REDIAN_CHROMIUM to the path of a Chromium.");
  return path;
}

/** Waits until something holds; fails with what it gave last. */
async function until(what) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const held = await what();
    if (held === true) return;
    if (Date.now() > end) throw new Error(`after ${PATIENCE / 1000} s: ${JSON.stringify(held)}`);
    await delay(50);
  }
}

/** Notes what no page may do; `answer` may answer in the server's place. */
async function watch(page, url, faults, answer) {
  const { origin } = new URL(url);
  page.on('pageerror', (error) => faults.push(`an exception: ${error.message}`));
  page.on('console', (message) => {
    // Chromium reports an answer of 400 so, which is what mistakes are to get.
    const isRefusal = message.location().url === url && message.text().includes('with a status of 4');
    if (message.type() === 'error' && !isRefusal) faults.push(`on the console: ${message.text()}`);
  });
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`CSP: ${violatedDirective} forbids ${blockedURI}`);
    });
  });
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const made = answer(request);
    if (made) return request.respond(made);
    if (new URL(request.url()).origin === origin) return request.continue();
    faults.push(`it asked for ${request.url()}`);
    return request.abort();
  });
}

/** What people do in the page. */
function hands(page) {
  const text = (selector) => page.$eval(selector, (element) => element.value || element.textContent);
  const shows = (selector, wanted) => until(async () => {
    const shown = await text(selector);
    return shown.includes(wanted) || shown;
  });
  const write = async (selector, written) => {
    await page.focus(selector);
    await page.keyboard.down('Control');
    await page.keyboard.press('a');
    await page.keyboard.up('Control');
    await page.keyboard.press('Backspace');
    await page.keyboard.type(written);
  };
  const run = async (query) => {
    await write('#query', query);
    await page.keyboard.down('Control');
    await page.keyboard.press('Enter');
    await page.keyboard.up('Control');
  };
  const press = (label) => until(() => page.evaluate((label) => {
    const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === label);
    button?.click();
    return button !== undefined || `no button ${label}`;
  }, label));
  const docs = async () => {
    if (await page.$eval('#docs', ({ hidden }) => hidden)) await page.click('#reading');
  };
  const stored = () => page.evaluate(() => ({
    address: location.href,
    local: JSON.stringify(localStorage),
    session: JSON.stringify(sessionStorage),
  }));
  return { page, text, shows, write, run, press, docs, stored };
}

const places = (there, token) => Object.keys(there).filter((place) => there[place].includes(token)).join();

function is(found, wanted) {
  if (found !== wanted) throw new Error(`${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`);
}

async function fits(page) {
  await until(() => page.evaluate((width) => {
    const { scrollWidth } = document.documentElement;
    return scrollWidth <= width || scrollWidth;
  }, NARROW.width));
}

async function editorial(url, token, query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

/** What must hold, in this order: each goes on where the one before has ended. */
const CHECKS = {
  async 'the first visit shows an answer'({ shows }) {
    await shows('#answer', '"articles"');
    await shows('#status', '200');
  },
  async 'a query is run and its result shown'({ run, shows }) {
    await run('{ region(path: "hebei") { name } }');
    await shows('#answer', '"name": "河北省"');
  },
  async 'variables are sent, and the operation that was chosen'({ page, run, write, shows }) {
    await write('#variables', '{ "code": "130100" }');
    await run('query a { __typename } query b($code: String) { region(code: $code) { name } }');
    await shows('#answer', '"__typename": "Query"');
    await page.select('#operation', 'b');
    await page.click('#run');
    await shows('#answer', '石家庄市');
  },
  async 'variables that are not JSON are not sent'({ write, press, shows }) {
    await write('#variables', '{ code }');
    await press('Run ▶');
    await shows('#status', 'no JSON object');
    await write('#variables', '{}');
  },
  async 'a mistake shows the error, the request, and the place in the query'({ page, run, press, shows }) {
    await run('{ site { nme } }');
    await shows('#answer', 'GRAPHQL_VALIDATION_FAILED');
    await shows('#answer', 'request ');
    await press('line 1, column 10');
    is(await page.evaluate(() => getSelection().toString()), 'nme');
  },
  async 'Tab indents, and leaves the field behind Escape'({ page, write, text }) {
    await write('#query', '');
    await page.keyboard.press('Tab');
    is(await text('#query'), '  ');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    is(await page.evaluate(() => document.activeElement.id), 'variables');
  },
  async 'fields and arguments are completed'({ page, write, text, docs, shows }) {
    await docs();
    await shows('#page', 'Queries');
    await write('#query', '{ hotArt');
    await shows('#choices', 'hotArticles');
    await page.keyboard.press('Enter');
    await page.keyboard.type('(reg');
    await page.keyboard.press('Tab');
    await page.keyboard.type(': "hebei") { edges { previousR');
    await page.keyboard.press('Enter');
    is(await text('#query'), '{ hotArticles(region: "hebei") { edges { previousRank');
  },
  async "the docs show Query's fields"({ docs, shows }) {
    await docs();
    for (const shown of ['hotArticles', 'mostReadArticles', 'What can be asked.']) await shows('#page', shown);
  },
  async 'a click leads to a type with descriptions, and back'({ page, press, shows }) {
    await press('Ranking!');
    await shows('#page h2', 'Ranking');
    await shows('#page', 'A list of articles by their views');
    await press('[RankedArticle!]!');
    await shows('#page', "An article's place in a list.");
    await page.click('#back');
    await shows('#page h2', 'Ranking');
  },
  async 'the search finds Region'({ page, write, shows }) {
    await write('#search', 'region');
    await until(() => page.$eval('#page dt', ({ textContent }) => textContent === 'Region' || textContent));
    await shows('#page', 'Query.hotArticles');
    await page.click('#page dt button');
    await shows('#page', 'An administrative division');
  },
  async 'without a token, a mutation is not done'({ run, shows }) {
    await run(DRAFT);
    await shows('#answer', 'UNAUTHENTICATED');
  },
  async 'with a token, it is'({ run, write, shows, token }) {
    await write('#token', token);
    await run(DRAFT);
    await shows('#answer', '"userErrors": []');
    await shows('#answer', '"id": "');
  },
  async 'a token is kept nowhere unasked'({ press, shows, stored, token }) {
    await press('Share');
    await shows('#status', 'address');
    is(places(await stored(), token), '');
  },
  async 'a token is kept for the tab where that is wanted'({ page, shows, stored, token }) {
    await page.click('#keep');
    await page.reload();
    await shows('#token', token);
    is(places(await stored(), token), 'session');
    await page.click('#keep');
    is(places(await stored(), token), '');
  },
  async 'what is shared is shown elsewhere, and not run'({ page, run, press, shows, other }) {
    await run('query Shared { site { name } }');
    await shows('#status', '200');
    await press('Share');
    await until(() => page.url().includes('#query=') || page.url());
    const elsewhere = await other(undefined, page.url());
    await elsewhere.shows('#query', 'query Shared { site { name } }');
    is(await elsewhere.text('#answer'), '');
    await elsewhere.page.browserContext().close();
  },
  async 'the last query is there again'({ page, write, shows }) {
    await write('#query', '{ channels { name } }');
    await page.goto(page.url().split('#')[0]);
    await shows('#query', '{ channels { name } }');
  },
  async 'examples are written into the fields'({ page, shows }) {
    await page.select('#examples', 'Hottest of 河北省');
    await shows('#query', 'hotArticles(region: "hebei"');
    await page.keyboard.press('Enter');
    await shows('#answer', '"hotArticles"');
  },
  async 'a narrow screen has no overflow, also with docs'({ page, docs, shows }) {
    await page.setViewport(NARROW);
    await page.click('#run');
    await shows('#answer', '"hotArticles"');
    await fits(page);
    await docs();
    await shows('#page', 'Queries');
    await fits(page);
    await page.setViewport(WIDE);
  },
  async 'who does not tell the schema still answers'({ other }) {
    const { page, docs, shows } = await other((request) => {
      const body = JSON.stringify({ errors: [{ message: 'No.', extensions: { code: 'INTROSPECTION_DISABLED' } }] });
      return request.postData()?.includes('__schema') && { status: 400, contentType: 'application/json', body };
    });
    await shows('#answer', '"articles"');
    await docs();
    await shows('#page', 'keeps its schema to itself');
    await page.browserContext().close();
  },
  async 'a subscription shows what happens until it is stopped'({ run, press, shows, url, token }) {
    await run('subscription { articlePublished(region: "hebei") { at article { title } } }');
    await shows('#status', 'Subscribed');
    const input = { title: `${title} live`, body: '正文。', regions: ['130100'] };
    const { createArticle } = await editorial(url, token, 'mutation($input: CreateArticleInput!) { createArticle(input: $input) { article { id } } }', { input });
    const { id } = createArticle.article;
    await editorial(url, token, 'mutation($id: ID!) { publishArticle(input: { id: $id }) { userErrors { message } } }', { id });
    await shows('#answer', input.title);
    await press('Stop ■');
    await shows('#status', 'Stopped');
    await shows('#run', 'Run');
  },
};

export async function explorer(url, token) {
  const faults = [];
  // Only our own page is opened; root has no sandbox.
  const browser = await puppeteer.launch({ executablePath: chromium(), args: ['--no-sandbox'], defaultViewport: WIDE });
  try {
    // Another reader's browser, which keeps nothing of the first.
    const other = async (answer = () => undefined, address = url) => {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await watch(page, url, faults, answer);
      await page.goto(address);
      return hands(page);
    };
    const world = { ...await other(), other, url, token };
    for (const [name, check] of Object.entries(CHECKS)) {
      await check(world).catch((error) => faults.push(`${name}: ${error.message}`));
    }
  } finally {
    await browser.close();
  }
  return { checks: Object.keys(CHECKS).length, faults };
}
