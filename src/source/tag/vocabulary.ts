import { getCountries } from "libphonenumber-js/min";
import { fold } from "./header.ts";

/** Common given names of several countries; a share of a column's values is enough to know it by. */
export const givenNames =
  set(`aaron abigail adam adrian aiden alan albert alejandro alex alexander alexandra alexis alfred
  alice alicia alina alison allison amanda amber amelia amy ana andrea andreas andrew andy angela anita ann anna anne
  anthony antoine antonia antonio ariana arthur ashley astrid audrey austin ava barbara beatrice ben benjamin bernd
  bernhard beth betty bianca bill birgit bob brandon brenda brian brooke bruce bruno bryan caitlin caleb cameron camille
  carl carla carlos carmen carol carolina caroline carolyn catherine cecile charles charlie charlotte chelsea chloe chris
  christa christian christiane christina christine christoph christopher cindy claire clara claude claudia claus connor
  craig cynthia daniel daniela danielle david dean deborah debra denise dennis derek diana diane diego dieter dirk
  dominic donald donna doris dorothy doug douglas dylan edward eileen elena eli elias elisabeth elise elizabeth ella
  ellen emil emilia emily emma eric erica erik erika ernst esther ethan eva evan evelyn felix fernando finn florian
  frances francis francisco francois frank franz fred frederic friedrich gabriel gabriela gareth gary george gerald gerd
  gerhard gina gisela gloria grace graham grant greg gregory guillaume gunter hailey hannah hans harold harper harry
  heather hector heidi heinrich heinz helen helene helga helmut henri henry herbert holly horst hugo ian ines inge
  ingrid irene isaac isabel isabella isabelle ivan jack jackson jacob jacqueline jade jake james jamie jan jana jane
  janet janice jason jasmin jasmine javier jean jeff jeffrey jens jennifer jenny jeremy jerry jesse jessica jesus jim
  joan joanna joachim joe joel johann johanna johannes john johnny jonas jonathan jordan jorge jose joseph joshua joyce
  juan juana judith judy julia julian juliana julie julien jurgen justin karen karin karina karl katharina katherine
  kathleen kathryn katie katja katrin kayla keith kelly ken kenneth kerstin kevin kim kirsten klaus kristen kristin kurt
  kyle lachlan lara larry lars laura lauren laurent lea leah lena leo leon leonie lewis liam lily linda lisa logan lorenzo
  louis louise luca lucas lucia lucy luis luisa lukas lukasz luke lynn madison maja manfred manuel manuela marc marcel
  marco marcus margaret maria marie marina mario marion mark markus marlene marta martha martin martina mary mateo
  mathieu mathilde matt matteo matthew matthias max maximilian megan mehmet melanie melissa mia michael michel michele
  michelle miguel mike mila mitchell mohamed mohammed monica monika moritz nancy naomi natalie nathan nicholas nick
  nicola nicolas nicole nils nina noah noel nora norbert olaf oliver olivia olivier oscar owen pablo pamela pascal
  patricia patrick paul paula pauline pedro peter petra philip philipp philippe pierre rachel rafael rainer ralf ramona
  raul raymond rebecca renate rene ricardo richard rita rob robert roberto robin roger roland rolf ronald rosa rose roy
  ruby russell ruth ryan sabine sally sam samantha samuel sandra sara sarah scarlett scott sean sebastian sergio shannon
  sharon shirley silke silvia simon simone sofia sonja sophia sophie stefan stefanie steffen stella stephan stephanie
  stephen steve steven stuart susan susanne sven sylvia sylvie talia tamara tanja tanya tara taylor teresa terry theo theresa
  thiago thomas tiffany tim timothy tina tobias todd tom tomas tony torsten travis tyler ulrich ursula uwe valentin
  valentina valerie vanessa vera veronica victor victoria vincent virginia walter wanda wayne wendy werner wilhelm
  william willow wolfgang xavier yannick yvonne zachary zoe priya rahul amit anil sunita wei ming yuki hiroshi fatima
  ahmed ali omar hassan aisha ayse olga natasha dmitri igor svetlana piotr agnieszka katarzyna magdalena pawel`);

/** Common surnames of several countries. */
export const surnames =
  set(`adams ahmed albrecht alexander ali allen alvarez anderson andersson arnold bailey baker
  barnes bauer baumann beck becker bell bennett berger bergmann bernard bertrand bianchi black blanc bonnet boucher
  brandt braun brooks brown bruno bryant burns butler campbell carter castillo castro chapman chavez chen clark clarke
  clement cole coleman collins cook cooper costa cox cruz davies davis delgado diaz dietrich dubois dupont durand edwards
  ellis engel evans fernandez ferrari fischer fisher flores ford foster fournier fox francois frank franke friedrich
  fuchs garcia garnier gibson girard gomez gonzales gonzalez graf graham grant gray green griffin gross guerin gunther
  gupta gutierrez haas hahn hall hamilton hansen harris harrison hartmann harvey hayes heinrich henderson henry herman
  hermann hernandez herrera herrmann hill hoffman hoffmann hofmann holmes horn howard huber hudson hughes hunt hunter
  jackson jager james jansen jenkins jensen jimenez johansson johnson johnston jones jordan jung kaiser kang kaur keller
  kelly kennedy khan kim king klein knight koch kohler konig kramer kraus krause kruger kuhn kumar lambert lang lange
  laurent lee lefebvre lehmann leroy lewis li lin liu long lopez lorenz ludwig maier marshall martin martinez mason
  mathieu matthews maurer may mayer mcdonald mehta meier mendez mendoza mercier meyer michel miller mills mitchell molina
  moore morales moreau moreno morgan morris morrison muller murphy murray myers neumann nguyen nielsen nowak ortega ortiz
  otto owens palmer park parker patel patterson peters peterson petit pfeiffer phillips pohl powell price ramirez ramos
  reed reid reyes reynolds richard richards richardson richter rivera robert roberts robertson robinson rodriguez rogers romano
  romero rose ross rossi roth roussel roux ruiz russell russo ryan salazar sanchez sanders santos sauer schafer schmid
  schmidt schmitt schmitz schneider scholz schreiber schroder schubert schulte schulz schulze schumacher schuster schwarz
  scott seidel shah sharma shaw silva simmons simon simpson singh smith sommer stein stevens stewart sullivan suarez
  svensson taylor thomas thompson torres tran tucker turner vargas vasquez vega vincent vogel vogt wagner walker wallace
  walter walters wang ward washington watson weber webb weiss wells werner west white wilson winkler winter wolf wolff
  wong wood woods wright wu yang young zhang zimmermann`);

/** Both codes and names: a column of either kind is a gender. */
export const genders =
  set(`m f w d x u male female man woman men women mannlich weiblich divers maennlich homme femme
  masculin feminin hombre mujer masculino femenino varon nonbinary non-binary other unknown diverse herr frau
  unspecified vrouw maschio femmina`);

export const companySuffix =
  /(?:^|[\s,.&])(?:inc|llc|ltd|limited|corp|corporation|company|co|plc|llp|lp|gmbh|ag|kg|ohg|ug|gbr|e\.?v|mbh|se|sa|sas|sarl|srl|spa|bv|nv|ab|oy|as|aps|pty|pte|group|gruppe|holding|holdings|partners|associates|industries|systems|solutions|technologies|consulting|services|enterprises|labs|logistics|verlag|stiftung|s\.?a\.?|s\.?l\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|& sons|und s[oö]hne|& co)\.?$/i;

/** A street by its word: at the end (`Baker Street`), inside it (`Hauptstraße`), or in front (`rue`, `calle`). */
export const streetWord =
  /(?:^|[\s\d])(?:st|str|street|rd|road|ave|av|avenue|blvd|boulevard|ln|lane|dr|drive|ct|court|pl|place|way|ter|terrace|cir|circuit|circle|cres|crescent|close|cl|hwy|highway|pkwy|parkway|sq|square|parade|pde|grove|gr|row|walk|mews|trail|loop|rise|quay|plaza|platz|weg|allee|gasse|ufer|ring|damm|rue|chemin|route|impasse|quai|calle|c\/|avenida|avda|paseo|plaza|via|viale|piazza|corso|rua|laan|plein|gracht|p\.?\s?o\.?\s?box|postfach|apt|unit|suite)(?=$|[\s.,\d#])|(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|straat|laan|gracht)(?=$|[\s,\d])/i;

const stateText = `al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh
  ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr ab bc mb nb nl ns nt nu on pe qc sk yt nsw vic qld wa sa tas act nt
  bw by be bb hb hh he mv ni nw rp sl sn st sh th nrw ag ai ar bs ge gl gr ju lu ne ow sg so sz ti tg ur vd vs zg zh
  |alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana
  |iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska
  |nevada|new hampshire|new jersey|new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania
  |rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|west virginia|wisconsin
  |wyoming|district of columbia|ontario|quebec|british columbia|alberta|manitoba|saskatchewan|nova scotia|new brunswick
  |newfoundland and labrador|prince edward island|new south wales|victoria|queensland|western australia|south australia
  |tasmania|australian capital territory|northern territory|baden-wurttemberg|bayern|bavaria|berlin|brandenburg|bremen
  |hamburg|hessen|hesse|mecklenburg-vorpommern|niedersachsen|nordrhein-westfalen|rheinland-pfalz|saarland|sachsen
  |sachsen-anhalt|schleswig-holstein|thuringen|wien|tirol|salzburg|steiermark|karnten|oberosterreich|niederosterreich
  |vorarlberg|burgenland|england|scotland|wales|northern ireland|greater london|kent|essex|surrey|lancashire|yorkshire
  |west midlands|greater manchester|ile-de-france|bretagne|normandie|occitanie|nouvelle-aquitaine|grand est
  |hauts-de-france|provence-alpes-cote d'azur|auvergne-rhone-alpes|pays de la loire|centre-val de loire|corse|madrid
  |cataluna|barcelona|andalucia|valencia|galicia|sevilla|malaga|murcia|aragon|asturias|pais vasco|canarias
  |noord-holland|zuid-holland|utrecht|noord-brabant|gelderland|limburg|overijssel|friesland|groningen|lombardia|lazio
  |toscana|veneto|piemonte|sicilia|campania|maharashtra|karnataka|tamil nadu|delhi|kerala|gujarat|punjab|sao paulo
  |rio de janeiro|minas gerais|jalisco|nuevo leon|zurich|bern|geneve|vaud`;
export const states = new Set(
  stateText.split("|").flatMap((part, index) => (index === 0 ? part.trim().split(/\s+/) : [part.trim()])),
);

const regions = getCountries();
/** ISO 3166 codes and names of countries in the languages that headers are read in. */
export const countries = new Set([
  ...regions.map((code) => code.toLowerCase()),
  ...["en", "de", "fr", "es", "it", "nl"].flatMap((language) => {
    const names = new Intl.DisplayNames(language, { type: "region" });
    return regions.map((code) => fold(names.of(code) ?? code));
  }),
  ...set(`usa uk gbr deu fra esp ita nld aut che aus can mex bra ind chn jpn swe nor dnk fin bel irl prt pol cze nzl
    zaf uae d a ch f e i nl us gb u.s.a. u.s. u.k. england scotland wales america holland
    brd hungary turkey czechia`),
  "united states of america",
  "great britain",
  "the netherlands",
]);

export const currencies = new Set(Intl.supportedValuesOf("currency").map((code) => code.toLowerCase()));

function set(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
