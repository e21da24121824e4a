import { birthPartOf } from "./birth-header.ts";
import type { BirthPart } from "./birth-parts.ts";

/** A column's name in words: `" dateOfBirth"` → `date of birth`, `"E-Mail-Adresse"` → `e mail adresse`. */
export function wordsOf(columnName: string): string[] {
  return fold(
    columnName
      .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
      .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
      .replace(/(\p{L})(\d)/gu, "$1 $2"),
  )
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** Lower case without accents; what vocabulary is compared in. */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll("°", "o")
    .replaceAll("ł", "l")
    .replaceAll("ø", "o")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "");
}

/** What the name says that a column holds, before its values are looked at. */
export type Meaning =
  | "given_name"
  | "middle_name"
  | "surname"
  | "full_name"
  | "name"
  | "email"
  | "phone"
  | "birthdate"
  | "birthplace"
  | BirthPart
  | "address"
  | "house_number"
  | "address2"
  | "city"
  | "state"
  | "postal"
  | "country"
  | "gender"
  | "company"
  | "occupation"
  | "national_id"
  | "created_time"
  | "updated_time"
  | "transaction_time"
  | "transaction_amount"
  | "currency";

export interface HeaderReading {
  readonly meaning: Meaning;
  /** 0…1: how plainly the name says so. */
  readonly certainty: number;
}

/** What names of columns say, in English, German, French, Spanish, Italian, Dutch; words joined and folded. */
const phrases: Readonly<Record<Exclude<Meaning, BirthPart>, string>> = {
  given_name: `firstname fname givenname forename givennames firstnames christianname first given vorname rufname
    vname prenom prenoms primernombre nombredepila voornaam primonome namefirst
    firstnm frstname fstname givnname givnm fornamn fornavn imie etunimi roepnaam primeironome forenames prenomusuel`,
  middle_name: `middlename mname middle middlenames middleinitial middleinit midinit mi minitial midname namemiddle secondgivenname
    secondfirstname zweitervorname zweitname mittelname deuxiemeprenom secondprenom segundonombre secondonome tweedevoornaam tweedenaam`,
  surname: `lastname lname surname familyname last family secondname nachname familienname zuname nname
    nomdefamille nomfamille patronyme apellido apellidos primerapellido achternaam cognome namelast surnames
    lastnm lstname surnm famname apellidopaterno nomusage nomdusage nomnaissance nomdenaissance efternamn efternavn etternavn nazwisko sukunimi sobrenome`,
  full_name: `fullname completename displayname personname customername clientname contactname membername
    patientname guestname namefull firstandlastname namecomplete vollername vollstandigername kundenname nomcomplet
    nometprenom nomprenom nombrecompleto nombreyapellidos nombreyapellido volledigenaam nomecompleto holdername cardholder cardholdername accountholder subscribername buyername recipientname billingname shippingname
    donorname studentname
    pupilname residentname tenantname votername`,
  name: `name names nom nombre naam nome
    restaurant restaurantname hotelname venuename establishment establishmentname dbaname tradename`,
  email: `email emailaddress mail mailaddress emailaddr emailadresse mailadresse mailadres courriel adresseemail
    adressemail adresseelectronique correo correoelectronico direccioncorreo emailid usermail useremail emails posta`,
  phone: `phone phonenumber phoneno phonenum telephone telephonenumber telephoneno telephonenum tel telno telnr
    telnumber mobile mobilenumber mobileno mobilephone mobilephonenumber cell cellphone cellnumber cellphonenumber
    msisdn telefon telefonnummer telefonnr handy handynummer mobil mobilnummer mobiltelefon rufnummer festnetz
    numerotelephone numerodetelephone telephoneportable portable telefono telefonomovil movil numerodetelefono celular
    telefoon telefoonnummer contactnumber contactno contactphone phones landline homephone workphone whatsapp
    smsnumber smsphonenumber cellulare
    ph phno phnum homeph gsm gsmnummer gsmnr mobiel mobielnummer telefonofijo tlf tlfnr telefone cellno mobno telefonprivat telprivat`,
  birthdate: `birthdate birthday dob dateofbirth birth dateborn born bday birthdt dtofbirth geburtsdatum geburtstag
    gebdatum gebdat geboren geborenam datenaissance datedenaissance naissance fechanacimiento fechadenacimiento
    nacimiento fechanac geboortedatum datadinascita datanascita doborn
    bdate birthdte dtbirth datenaiss ddn fnac datanascimento datadenascimento dtnasc fodselsdato fodselsdag`,
  birthplace: `birthplace placeofbirth birthcity cityofbirth birthtown townofbirth birthlocation pob geburtsort lieudenaissance lieunaissance
    villedenaissance villenaissance lugardenacimiento lugarnacimiento ciudaddenacimiento luogodinascita luogonascita cittadinascita
    geboorteplaats
    birthplc bplace geburtsstadt comunedinascita comunenascita naturalidade fodested`,
  address: `address addr address1 addr1 addressline addressline1 addrline1 addressstreet addressstreet1 street
    streetaddress street1 streetline1 streetname strasse strassehausnummer strasseundhausnummer strassehausnr
    strassehnr strassenname adresse adresse1 anschrift rue voie direccion direccion1 calle domicilio adres straat
    straatnaam indirizzo homeaddress residentialaddress postaladdress postanschrift mailingaddress fulladdress
    streetaddress1 streetaddressline1 line1 mailingstreet mailaddress1 adressepostale
    adr adresszeile streetaddr str strhnr wohnadresse hausanschrift addressfull calleynumero`,
  house_number: `streetnumber streetno streetnum housenumber houseno housenum housenr hausnummer hausnr hnr
    numerorue numerodevoie numerocalle huisnummer buildingnumber civico numerocivico
    streetnr stnum hno hsno hausno numvoie novoie huisnr addressnumber`,
  address2: `address2 addr2 addressline2 addrline2 addressstreet2 street2 streetline2 streetaddress2 streetaddressline2
    line2 apt apartment apartmentnumber aptnumber suite unit unitnumber adresszusatz adresse2 zusatz complement
    complementadresse complementdadresse direccion2 piso huisnummertoevoeging flat flatnumber`,
  city: `city town cityname suburb municipality locality addresscity stadt ort wohnort ortschaft ville commune localite
    ciudad localidad poblacion municipio stad woonplaats plaats citta comune posttown citytown towncity
    gemeinde kommune plaatsnaam wohnsitz cidade`,
  state: `state st province stateprovince region statecode provincecode stateabbr statename stateregion county bundesland
    kanton estado provincia departement departamento stateprov addressstate regioncode provincename provinceorstate
    stateorprovince provincestate
    stateabb statecd stcd provincie comunidadautonoma`,
  postal: `postal zip zipcode postcode postalcode zippostalcode ziporpostalcode postalzip plz postleitzahl codepostal
    codigopostal cp cap addresszip pincode eircode zip5 zip4 zippostal postcodezip
    pcode pcd zipcd zipplus4 zip9 postnr postnummer codpostal cpostal`,
  country: `country countrycode countryname countryiso countryiso2 countryregion nation land landcode landkz lkz
    pays codepays pais codigopais paese addresscountry countryid isocountry nationcode countryofresidence
    countrycd ctry cntry landname`,
  gender: `gender sex geschlecht sexe sexo genre genero gendercode sesso geslacht geschl
    genderdesc gendercd sexcode sexcd sexdesc gndr kon kjonn`,
  company: `company companyname organization organisation organizationname organisationname employer employername
    business businessname firma firmenname firmenbezeichnung unternehmen arbeitgeber societe entreprise raisonsociale
    empresa nombreempresa razonsocial bedrijf bedrijfsnaam azienda corporation accountname org orgname
    bizname compname firmname`,
  occupation: `occupation profession job jobtitle jobname jobdescription beruf berufsbezeichnung metier emploi profesion ocupacion oficio
    professione occupazione mestiere beroep
    occup occ yrke functie`,
  national_id: `ssn socsecid socsec socialsecurity socialsecuritynumber socialsecurityno socialsecurityid sin nin
    nationalid nationalidnumber nationalinsurancenumber nino taxid taxnumber taxfilenumber tfn steuerid steuernummer
    steueridentifikationsnummer sozialversicherungsnummer svnr svnummer nss numerosecuritesociale nir dni nif nie curp
    rfc cpf bsn codicefiscale personnummer pesel passport passportnumber passportno medicarenumber nhsnumber nhsno
    idcardnumber ahvnummer versichertennummer
    ssnno ssnumber socialsecno sozversnr rvnr bsnnummer nationalinsuranceno ahv healthcardnumber`,
  created_time: `created createdat createdon createddate createdtime createtime createdate datecreated creationdate
    creationtime createdts createdtimestamp signup signupdate signedupat signupat registered registeredat registration
    registrationdate registeredon registrationtime dateregistered joined joinedat joindate joinedon datejoined membersince customersince
    optintime confirmtime subscribedat enrolled enrolledat enrollmentdate enrolmentdate dateadded addedat addedon opened openedat openedon
    insertedat firstseen firstseenat erstellt erstelltam angelegt angelegtam anlagedatum anmeldedatum registriertam
    kundeseit mitgliedseit erstelldatum datecreation creele datedecreation dateinscription fechacreacion
    fechadecreacion fechaalta fechaderegistro fecharegistro alta creadoel aangemaakt aangemaaktop enrolledon`,
  updated_time: `updated updatedat updatedon updateddate updatedtime updatetime updatedate lastupdated lastupdate
    lastupdatedat lastupdatedate lastupdatedon modified modifiedat modifiedon modifieddate lastmodified
    lastmodifieddate lastmodifiedat datemodified dateupdated lastchanged lastchange lastchangedat changedat changedon
    changed systemmodstamp geandert geandertam geaendertam aenderungsdatum anderungsdatum aktualisiert aktualisiertam
    letzteanderung datemodification modifiele datemaj misejour fechamodificacion fechaactualizacion actualizadoel
    gewijzigd gewijzigdop lastmodifiedtime updatedts`,
  transaction_time: `orderdate orderedat ordertime orderdatetime ordertimestamp orderplacedat placedat purchasedate purchasedat
    purchasetime purchasedon transactiondate transactiontime transactionat transactiontimestamp transactiondatetime
    txndate txntime txnat saledate soldat saletime invoicedate receiptdate processedat checkoutat bookingdate bookedat bookedon paidat
    paymentdate date datetime timestamp datum fecha bestelldatum bestelltam auftragsdatum rechnungsdatum kaufdatum datecommande datedecommande dateachat
    fechapedido fechacompra fechadepedido fechadecompra fechaventa orderdatum`,
  transaction_amount: `amount amountdue totaldue totalamount amounttotal total totalprice ordertotal ordervalue orderamount grandtotal
    totalvalue transactionamount transactiontotal transactionvalue purchaseamount purchasetotal invoiceamount
    invoicetotal saleamount salesamount revenue netamount grossamount nettotal grosstotal baskettotal basketvalue
    carttotal betrag gesamtbetrag summe gesamtsumme rechnungsbetrag bestellwert umsatz gesamtpreis montant
    montanttotal montantttc importe importetotal preciototal totalpaid amountpaid paidamount paymentamount bedrag
    totaalbedrag subtotal receipttotal`,
  currency: `currency currencycode curr currencyiso ordercurrency wahrung waehrung wahrungscode waehrungscode devise
    moneda divisa valuta monnaie`,
};

const meanings: ReadonlyMap<string, Meaning> = new Map(
  Object.entries(phrases).flatMap(([meaning, text]) =>
    text.split(/\s+/).map((phrase) => [phrase, meaning as Meaning] as const),
  ),
);

/** So plainly a person's that whatever short code stands behind says only which table or person it is of (`fname_bm`). */
const plainNames = new Set(
  `fname lname firstname lastname givenname surname vorname nachname prenom apellido cognome voornaam achternaam`.split(
    " ",
  ),
);

function isCoded(joined: string, behind: readonly string[]): boolean {
  return (
    plainNames.has(joined) &&
    behind.every((word) => /^[a-z]{1,2}$|^\d+$/.test(word) && !foreign.has(word) && word !== "id")
  );
}

function meaningOf(joined: string): Meaning | undefined {
  return meanings.get(joined) ?? birthPartOf(joined);
}

/** Words that leave a meaning as it is: whose, or which one of several. */
const neutral = new Set(
  `customer client user member subscriber person people contact patient guest shopper buyer account profile
  lead donor student holder cust crm primary main default preferred current personal private home mobile work
  business billing bill shipping ship delivery invoice mailing residential permanent legal my the of raw full
  kunde kunden rechnungs rechnung liefer lieferung privat patienten mitglied geschaft cliente clientes clientela
  facturation livraison facturacion envio addr address adresse fields field merge attributes properties value text
  1 code name c`.split(/\s+/),
);

/** Of two columns with one meaning, the one that is likelier the person's own is preferred. */
const lessOwn = new Set(
  `shipping ship delivery liefer lieferung livraison envio work business geschaft secondary alternate other
  landline fax`.split(/\s+/),
);

/** Words that turn it into somebody else's, something else's, or a remark about it. */
const foreign = new Set(
  `agent rep representative assignee assigned owner manager employee staff clerk cashier store shop branch vendor supplier
  seller merchant doctor physician provider gp hospital emergency kin nok referrer referred referral author creator
  editor product item sku file document campaign list event segment category brand parent group team warehouse
  location site page domain ip mac url web website host server device browser bank card credit iban
  middle maiden nick previous former old prior spouse partner mother father child birth place geburts mutter mitarbeiter
  filiale lieferant berater verkaufer artikel produkt mere pere madre padre vendedor producto tienda magasin produit
  nickname death deceased burial consent opt optin optout verified valid is has hash hashed md5 sha256 status count type flag bounce bounced tax rate
  discount shippingcost source medium utm error approver sender`.split(/\s+/),
);

/** What the name says; undefined when nothing, `"foreign"` when it speaks of somebody or something else. */
export function readHeader(columnName: string): HeaderReading | "foreign" | undefined {
  const words = wordsOf(columnName);
  const whole = meaningOf(words.join(""));
  if (whole !== undefined) return { meaning: whole, certainty: 1 };
  let best: HeaderReading | undefined;
  let until = 0;
  for (let from = 0; from < words.length; from++) {
    for (let to = words.length; to > from; to--) {
      // A name in a middle name is no other name.
      if (best !== undefined && to <= until) continue;
      const meaning = meaningOf(words.slice(from, to).join(""));
      const rest = [...words.slice(0, from), ...words.slice(to)];
      const behind = words.slice(to);
      const isPlain = behind.every((word) => neutral.has(word) || /^\d$/.test(word));
      if (meaning === undefined || (!isPlain && !isCoded(words.slice(from, to).join(""), behind))) continue;
      if (rest.some((word) => foreign.has(word))) return "foreign";
      if (meaning === "name" && /^(?:user|login|screen)$/.test(rest.join(""))) return "foreign";
      // A second phone is a phone, and the first one is the better choice.
      const second =
        /^[2-9]$/.test(words.slice(to).at(-1) ?? "") || rest.some((word) => lessOwn.has(word)) ? 0.8 : 1;
      const certainty =
        (rest.every((word) => neutral.has(word) || lessOwn.has(word) || /^\d$/.test(word)) ? 0.95 : 0.7) *
        second;
      if (best === undefined || certainty > best.certainty) {
        best = { meaning, certainty };
        until = to;
      }
    }
  }
  if (best !== undefined) return best;
  return words.some((word) => foreign.has(word)) ? "foreign" : undefined;
}
