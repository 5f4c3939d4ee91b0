/** Where the page begins. */
// Evens out what browsers do differently in WebRTC; it has to come before anything that uses it.
import 'webrtc-adapter';
import { App } from './app.ts';
import { startRoute } from './base/route.ts';
import { unlockAudio } from './calls/tone-player.ts';
import { exposeForTests } from './debug.ts';
import { startLanguage } from './i18n/language.ts';
import { RdApp } from './views/app-view.ts';

startLanguage();
startRoute();
unlockAudio();

const app = new App();
app.start();
exposeForTests(app);

const root = new RdApp();
root.app = app;
document.body.append(root);
