/** On every page: colours and size, menus, forms, dialogs, parts by htmx. */
import "../styles/site.scss";
import { loadCatalogue } from "../shared/i18n";
import { startCopying } from "../site/copying";
import { startDialogs } from "../site/dialogs";
import { startForms } from "../site/forms";
import { startMenus } from "../site/menus";
import { startParts } from "../site/parts";
import { startPreferences } from "../site/preferences";
import { startTabs } from "../site/tabs";
import { startPrinting } from "../site/printing";
import { startSharedComputer } from "../site/shared-computer";

startMenus();
startTabs();
startSharedComputer(); // before the forms: it may hold signing out back
startForms();
startPrinting();
startDialogs();
startCopying();
void startParts();
void loadCatalogue().then(startPreferences);
