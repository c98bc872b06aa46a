// Preloaded into Electron by tests: the app becomes ready only when Playwright watches for its windows. A window that opens
// while Playwright is still attaching can leave both waiting for each other.
const { app } = require('electron');

const ready = app.whenReady();
/** @type {Promise<void>} */
const attached = new Promise((resolve) => {
  // Playwright calls this by its name once it is there.
  Object.assign(globalThis, { __playwright_run: resolve });
});
app.whenReady = () => attached.then(() => ready);
