// Walks the console as people do, in a real browser: links, buttons, keys. It reads one JSON object from standard input
// (see `Walk` in node/testkit/tests/browser/main.rs) and prints one: what each step found.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const walk = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: walk.browser, args: ["--no-sandbox"] });
const open = new Map();
let clicks = 0;
let keys = 0;

function complain(step, text) {
  throw new Error(`${JSON.stringify(step)}: ${text}`);
}

// The page of a person who has logged in. Whatever the browser complains about is a failure.
async function pageOf(who) {
  if (open.has(who)) return open.get(who);
  const { office, name, passphrase } = walk.people[who];
  const context = await browser.newContext({ locale: "en-GB", acceptDownloads: true });
  const page = await context.newPage();
  const errors = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
  page.on("dialog", (dialog) => {
    errors.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => request.url().startsWith(office) || errors.push(`a request to ${request.url()}`));
  await page.goto(`${office}login`);
  await page.fill("input[name=name]", name);
  await page.fill("input[name=passphrase]", passphrase);
  await follow(page, () => press(page, "main form button"));
  const found = { page, office, errors };
  open.set(who, found);
  return found;
}

async function press(page, selector) {
  clicks += 1;
  await page.click(selector);
}

// Does what leads to another page, and waits until that is there.
async function follow(page, action) {
  await Promise.all([page.waitForNavigation(), action()]);
}

// Presses Tab until the element has the focus: what cannot be reached by keys is not there for everybody.
async function tabTo(step, page, selector) {
  for (let n = 0; n < 200; n += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press("Tab");
    keys += 1;
  }
  complain(step, `Tab does not reach ${selector}`);
}

async function key(page, name) {
  keys += 1;
  await page.keyboard.press(name);
}

async function toPair(step, page, office) {
  await page.goto(`${office}queue?stage=${step.stage}`);
  await follow(page, () => press(page, `a[href="${step.pair}"]`));
}

async function said(step, page) {
  const status = await page.locator("[role=status], [role=alert]").allInnerTexts();
  if (step.said ? !status.join().includes(step.said) : (await page.locator("[role=status]").count()) !== 1) {
    complain(step, `the page says ${JSON.stringify(status)}`);
  }
  return status.join(" ");
}

const violations = async (page) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map(({ id, impact, nodes }) => ({ id, impact, at: nodes.map((node) => node.target.join(" ")) }));
};

const does = {
  async judge(step, { page, office }) {
    await toPair(step, page, office);
    await press(page, `input[name=choice][value="${step.choice}"]`);
    await page.fill('form[action$="/judge"] textarea', step.note ?? "");
    await follow(page, () => press(page, 'form[action$="/judge"] button'));
    return said(step, page);
  },
  // The same without a mouse, from the log-in on.
  async judge_by_keys(step, { page, office }) {
    await page.goto(`${office}queue?stage=${step.stage}`);
    await page.keyboard.press("Tab");
    if (!(await page.evaluate(() => document.activeElement.matches(".skip")))) complain(step, "no skip link comes first");
    await tabTo(step, page, `a[href="${step.pair}"]`);
    await follow(page, () => key(page, "Enter"));
    await tabTo(step, page, "input[name=choice]");
    for (let n = 0; !(await page.isChecked(`input[name=choice][value="${step.choice}"]`)); n += 1) {
      if (n > 30) complain(step, "the arrows do not reach the choice");
      await key(page, n === 0 ? "Space" : "ArrowDown");
    }
    await tabTo(step, page, 'form[action$="/judge"] button');
    await follow(page, () => key(page, "Enter"));
    return said(step, page);
  },
  async press(step, { page, office }) {
    await toPair(step, page, office);
    const form = `form[action$="/${step.form}"]`;
    const folded = page.locator("details", { has: page.locator(form) });
    if (await folded.count()) {
      clicks += 1;
      await folded.locator("summary").click();
    }
    for (const [name, value] of Object.entries(step.fields ?? {})) {
      const field = page.locator(`${form} [name="${name}"]`);
      if ((await field.first().getAttribute("type")) === "radio") {
        await press(page, `${form} [name="${name}"][value="${value}"]`);
      } else {
        await field.fill(value);
      }
    }
    await follow(page, () => press(page, `${form} button`));
    return said(step, page);
  },
  // One pair after the other, as they wait: from the page that opens after the log-in, by its links alone.
  async day(step, { page, office }) {
    await page.goto(office);
    await follow(page, () => press(page, 'main th a[href^="/pair/"]'));
    for (let n = 1; ; n += 1) {
      const form = `form[action$="/${step.form}"]`;
      const folded = page.locator("details", { has: page.locator(form) });
      if (await folded.count()) await press(page, "summary");
      for (const [name, value] of Object.entries(step.fields ?? {})) {
        const field = page.locator(`${form} [name="${name}"]`).first();
        if ((await field.getAttribute("type")) === "radio") await press(page, `${form} [name="${name}"][value="${value}"]`);
        else await field.fill(value);
      }
      await follow(page, () => press(page, `${form} button`));
      await said(step, page);
      if (n === step.pairs) return n;
      await follow(page, () => press(page, 'main > p > a[href^="/pair/"]'));
    }
  },
  async submit(step, { page, office }) {
    await page.goto(office + step.path.slice(1));
    await follow(page, () => press(page, `main form[action="${step.path}"] button`));
    return page.innerText("main");
  },
  async read(step, { page, office }) {
    await page.goto(office + step.path.slice(1));
    return page.innerText("main");
  },
  // Texts that try to become part of the page are text: all of them are there to be read, and nothing came of them.
  async texts(step, { page, office }) {
    await page.goto(office + step.path.slice(1));
    const shown = await page.evaluate(() => document.body.textContent);
    const missing = step.texts.filter((text) => !shown.includes(text));
    if (missing.length) complain(step, `the page does not show ${JSON.stringify(missing)}`);
    const made = await page.evaluate(() => {
      const handlers = [...document.querySelectorAll("*")].filter((element) =>
        [...element.attributes].some((attribute) => attribute.name.startsWith("on") || attribute.name === "srcdoc" || /^javascript:/i.test(attribute.value)));
      const foreign = document.querySelectorAll("script, img, iframe, object, embed, math, animate, base, meta[http-equiv]");
      return [...handlers, ...foreign].map((element) => element.outerHTML);
    });
    if (made.length) complain(step, `the texts have made ${JSON.stringify(made)}`);
    // What waits for a mouse or a click gets one.
    for (const cell of (await page.locator("main bdi:visible").all()).slice(0, 60)) await cell.hover();
    await page.mouse.click(5, 5);
    if ((await page.locator("body").count()) !== 1) complain(step, "more than one body");
    return shown.length;
  },
  async download(step, { page, office }) {
    await page.goto(office + step.path.slice(1));
    const [download] = await Promise.all([page.waitForEvent("download"), press(page, step.link)]);
    return readFileSync(await download.path(), "utf8");
  },
  // Two tabs decide at once: the second is told.
  async two_tabs(step, { page, office }) {
    const other = await page.context().newPage();
    for (const tab of [page, other]) await toPair(step, tab, office);
    for (const tab of [page, other]) {
      await press(tab, `input[name=choice][value="${step.choice}"]`);
    }
    for (const tab of [page, other]) await follow(tab, () => press(tab, 'form[action$="/judge"] button'));
    const told = await other.innerText("[role=alert]");
    await other.close();
    return told;
  },
  // Every page in every language, wide and narrow, light and dark, and on paper.
  async look(step, { page, office }) {
    const found = [];
    for (const path of step.pages) {
      await page.goto(office + path.slice(1));
      for (const language of step.languages) {
        if ((await page.getAttribute("html", "lang")) !== language) {
          await follow(page, () => page.click(`header button[lang="${language}"]`));
          await page.goto(office + path.slice(1));
        }
        const text = await page.innerText("body");
        const name = `${step.as}-${path.split(/[/?]/)[1]}-${language}`.replaceAll(/[^a-z-]/gi, "");
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.screenshot({ path: `${walk.shots}/${name}.png`, fullPage: true });
        const wide = await violations(page);
        await page.emulateMedia({ colorScheme: "dark" });
        const dark = await violations(page);
        await page.emulateMedia({ colorScheme: "light" });
        await page.setViewportSize({ width: 360, height: 740 });
        await page.screenshot({ path: `${walk.shots}/${name}-360.png`, fullPage: true });
        const narrow = await violations(page);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        const ways = await page.evaluate(() => [document.documentElement.dir, getComputedStyle(document.body).direction]);
        found.push({ path, language, ways, over, untranslated: text.match(/\[[a-z][a-z0-9-]*\]/g) ?? [], violations: [...wide, ...dark, ...narrow] });
      }
    }
    if (step.paper) {
      await page.emulateMedia({ media: "print" });
      await page.pdf({ path: `${walk.shots}/${step.as}.pdf` });
      const shown = await page.isVisible("header nav");
      await page.emulateMedia({ media: "screen" });
      if (shown) complain(step, "the menu is on paper");
    }
    return found;
  },
};

try {
  const results = [];
  for (const step of walk.steps) {
    const at = await pageOf(step.as);
    results.push(await does[step.do](step, at));
    if (at.errors.length && !step.said) complain(step, `the browser complains: ${at.errors.join("; ")}`);
    at.errors.length = 0;
  }
  process.stdout.write(JSON.stringify({ clicks, keys, results }));
} finally {
  await browser.close();
}
