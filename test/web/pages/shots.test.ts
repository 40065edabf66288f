import { test } from 'node:test';
import { startSignedInApp, recordOf } from './signed-in-app.ts';
import { findChromium, launchChromium } from './chromium.ts';
test('shots', async () => {
  const app = await startSignedInApp();
  const browser = await launchChromium(findChromium()!);
  try {
    await app.db.settings.saveSettings('4711', { basedOn: 0, author: '8835724', settings: { ...(await app.db.settings.getSettings('4711')).settings, pipelines: { '0': { newConversation: {enabled:false,stageId:null,channelAccountIds:null,graceSeconds:60}, stageActions: {}, outgoing: {enabled:true,stageId:'2',fromStageIds:null}, incoming: {enabled:true,stageId:'77',fromStageIds:['2','4'],anySender:true,closed:{policy:'within',days:14,otherwise:'new-ticket'}} } } } });
    app.hubspot.pipelines = [...(app.hubspot.pipelines as any), { id: '5', label: 'Billing', stages: [{id:'51',label:'Open',closed:false}] }, { id: '6', label: 'Returns & repairs with a rather long name', stages: [{id:'61',label:'Open',closed:false}] }];
    await app.addRecords([
      recordOf({subject:'a'}),
      recordOf({subject:'b', decision:'stay', reason:'automatic-reply', verdict:'automatic', outcome:'skipped', fromStageId:'4', toStageId:null, latencyMs:null}),
      recordOf({subject:'c', outcome:'shadow', toStageId:'2', verdict:'sent-from-ticket'}),
      recordOf({subject:'d', outcome:'failed', reason:'refused-by-hubspot', error:'Property values were not valid', latencyMs:null}),
      recordOf({subject:'e', outcome:'dead', ticketId:null, error:'HubSpot was briefly out of reach.', latencyMs:null}),
      recordOf({subject:'f', ticketId: '901', evidence: [{check:'message-type',passed:true,seen:'MESSAGE OUTGOING'},{check:'agent-sender',passed:true,seen:'A-8835724 by HUBSPOT'},{check:'stage-exists',passed:true,seen:'2'},{check:'stage-history',passed:false,seen:'CRM_UI at 2026-11-22T10:00:00.000Z'}], decision:'stay', reason:'person-moved-it', outcome:'skipped', toStageId:null}),
    ]);
    for (const [width, height] of [[1280, 900], [390, 844]] as const) {
      const context = await browser.newContext({ viewport: { width, height }, locale: 'en' });
      const [name, value] = app.cookie.split('=');
      await context.addCookies([{ name: name!, value: value!, url: app.url }]);
      const page = await context.newPage();
      for (const path of ['/', '/settings', '/settings?lang=fr', '/activity?lang=en', '/tickets/900?lang=fr', '/privacy?lang=en', '/disconnected']) {
        await page.goto(app.url + path);
        if (path.startsWith('/activity')) await page.locator('summary').first().click();
        await page.screenshot({ path: `/tmp/shot-${width}-${path.replace(/\W/g, '_')}.png`, fullPage: true });
      }
      await page.goto(app.url + '/settings?lang=en');
      await page.locator('#incoming-closed-days').fill('abc');
      await page.locator('button:has-text("Save")').click();
      await page.waitForLoadState();
      await page.screenshot({ path: `/tmp/shot-${width}-error.png`, fullPage: true });
      await context.close();
    }
  } finally { await browser.close(); await app.close(); }
});
