import type { Tag } from "./tag.ts";

/** A small table as people have them, and what its columns mean; a column that is not in `labels` means none of the tags. */
export interface LabelledTable {
  readonly name: string;
  readonly csv: string;
  readonly labels: Readonly<Record<string, Tag>>;
}

/** Written by hand for this test; names and values are made up. */
export const labelledTables: readonly LabelledTable[] = [
  {
    name: "crm",
    csv: `Id,FirstName,LastName,Salutation,Email,Phone,MobilePhone,MailingStreet,MailingCity,MailingState,MailingPostalCode,MailingCountry,AccountName,OwnerId,LeadSource,Birthdate,CreatedDate,LastModifiedDate,HasOptedOutOfEmail,Description
003A1,Maria,Keller,Ms.,maria.keller@example.com,(415) 555-2671,,12 Oak Street,San Francisco,CA,94107,United States,Northwind Traders Inc,005X,Web,1981-03-14,2024-01-03T10:00:00Z,2025-02-01T08:30:00Z,false,Met at trade fair
003A2,John,Doe,Mr.,jdoe@example.org,+1 212-736-5000,(917) 555-0199,450 Lexington Ave,New York,NY,10017,United States,Fabrikam LLC,005X,Referral,1975-11-30,2024-02-11T12:10:00Z,2025-02-03T09:30:00Z,true,
003A3,Sarah,O'Neil,Mrs.,sarah@oneil.example,617-253-1000,,77 Massachusetts Ave,Cambridge,MA,02139,USA,Contoso Group,005Y,Web,,2024-03-01T10:00:00Z,2025-01-21T08:30:00Z,false,"call sarah@oneil.example first"
003A4,Deepak,Patel,Dr.,,206-543-2100,,1410 NE Campus Pkwy,Seattle,WA,98195,US,Adventure Works,005Y,Phone,1990-07-07,2024-05-05T10:00:00Z,2025-03-01T08:30:00Z,false,
003A5,Laura,Nguyen,Ms.,laura.nguyen@example.net,312-744-5000,,121 N LaSalle St,Chicago,IL,60602,US,Wide World Importers Ltd,005Z,Web,1988-12-01,2024-06-03T10:00:00Z,2025-04-01T08:30:00Z,false,`,
    labels: {
      Id: "customer_key",
      FirstName: "given_name",
      LastName: "surname",
      Email: "email",
      Phone: "phone",
      MailingStreet: "address",
      MailingCity: "city",
      MailingState: "state",
      MailingPostalCode: "postal",
      MailingCountry: "country",
      AccountName: "company",
      Birthdate: "birthdate",
      CreatedDate: "created_time",
      LastModifiedDate: "updated_time",
    },
  },
  {
    name: "shop_customers",
    csv: `id,email,accepts_marketing,created_at,updated_at,first_name,last_name,orders_count,total_spent,note,verified_email,phone,default_address_address1,default_address_address2,default_address_city,default_address_zip,default_address_province,default_address_country_code,tags,currency
207119551,bob.norman@example.com,true,2025-01-02T08:59:11-05:00,2025-01-02T08:59:11-05:00,Bob,Norman,1,199.65,,true,+16136120707,Chestnut Street 92,,Louisville,40202,Kentucky,US,vip,USD
207119552,ana.lopez@example.com,false,2025-01-03T08:59:11-05:00,2025-02-02T08:59:11-05:00,Ana,Lopez,0,0.00,gift?,true,+16135551234,10 Elgin Street,Apt 4,Ottawa,K1P 5K7,Ontario,CA,,CAD
207119553,liam@example.org,true,2025-01-04T08:59:11-05:00,2025-01-02T08:59:11-05:00,Liam,Murphy,3,75.10,,false,,15 Main St,,Boston,02108,Massachusetts,US,,USD
207119554,k.sato@example.jp,true,2025-01-05T08:59:11-05:00,2025-03-02T08:59:11-05:00,Kenji,Sato,12,1999.00,,true,+12065550100,1 Pike Place,Suite 200,Seattle,98101,Washington,US,wholesale,USD`,
    labels: {
      id: "customer_key",
      email: "email",
      created_at: "created_time",
      updated_at: "updated_time",
      first_name: "given_name",
      last_name: "surname",
      phone: "phone",
      default_address_address1: "address",
      default_address_address2: "address2",
      default_address_city: "city",
      default_address_zip: "postal",
      default_address_province: "state",
      default_address_country_code: "country",
    },
  },
  {
    name: "newsletter",
    csv: `Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,GMTOFF,LAST_CHANGED,LEID,EUID,NOTES,TAGS
anna@example.com,Anna,Berg,4 Elm Street  Portland OR 97201 US,503-823-4000,,2,2023-05-01 09:12:44,203.0.113.4,2023-05-01 09:13:00,-8,2025-01-11 10:00:00,10001,aa1f,,vip
ben@example.com,Ben,,,,,3,2023-05-02 09:12:44,203.0.113.9,2023-05-02 09:13:00,,2025-01-12 10:00:00,10002,bb1f,,
cleo@example.net,,,,,,2,2023-06-01 19:12:44,198.51.100.7,2023-06-01 19:13:00,1,2025-02-11 10:00:00,10003,cc1f,,
dora@example.net,Dora,Quinn,9 Lake Road  Austin TX 78701 US,512-974-2000,,5,2023-07-01 19:12:44,198.51.100.8,2023-07-01 19:13:00,1,2025-02-13 10:00:00,10004,dd1f,,`,
    labels: {
      "Email Address": "email",
      "First Name": "given_name",
      "Last Name": "surname",
      Address: "address",
      "Phone Number": "phone",
      OPTIN_TIME: "created_time",
      LAST_CHANGED: "updated_time",
      LEID: "customer_key",
    },
  },
  {
    name: "support_desk",
    csv: `id;name;email;phone;organization_id;role;time_zone;locale;created_at;updated_at;last_login_at;verified;signature
8301;"KELLER, Maria";maria.keller@example.com;4155552671;551;end-user;Pacific Time;en;2024-08-01T00:00:00Z;2024-09-01T00:00:00Z;2025-01-01T00:00:00Z;true;
8302;"Doe, John";jdoe@example.org;2127365000;552;end-user;Eastern Time;en;2024-08-02T00:00:00Z;2024-09-02T00:00:00Z;;true;
8303;"Patel, Deepak";;2065432100;;end-user;Pacific Time;en;2024-08-03T00:00:00Z;2024-09-05T00:00:00Z;;false;
8304;"Smith, Jane";jane.smith@example.org;;551;agent;London;en;2024-08-04T00:00:00Z;2024-09-03T00:00:00Z;2025-01-03T00:00:00Z;true;Kind regards
8305;"Young, Peter";peter@young.example;3127445000;;end-user;London;en;2024-08-05T00:00:00Z;2024-09-09T00:00:00Z;;true;`,
    labels: {
      id: "customer_key",
      name: "full_name",
      email: "email",
      phone: "phone",
      created_at: "created_time",
      updated_at: "updated_time",
    },
  },
  {
    name: "loyalty",
    csv: `card_no,member_since,fname,lname,dob,sex,tel,street,hnr,zip,town,points,tier,home_store
L-000017,2019-02-01,Emma,Wright,03/04/1985,F,020 7946 0018,Baker Street,221,NW1 6XE,London,120,gold,14
L-000018,2019-03-11,Oliver,Evans,28/11/1971,M,0161 496 0000,High Street,7a,M1 1AE,Manchester,90,silver,2
L-000019,2020-02-01,Amelia,Hughes,15/06/1992,F,0113 496 0123,Mill Lane,12,LS1 4DY,Leeds,0,basic,14
L-000020,2021-05-06,Jack,Walker,30/01/1966,M,0117 496 0456,Church Road,3,BS1 5TR,Bristol,15,basic,9
L-000021,2021-05-07,Isla,Green,09/09/1999,F,,Park Avenue,44,CF10 1EP,Cardiff,300,gold,9`,
    labels: {
      card_no: "customer_key",
      member_since: "created_time",
      fname: "given_name",
      lname: "surname",
      dob: "birthdate",
      sex: "gender",
      tel: "phone",
      street: "address",
      hnr: "address",
      zip: "postal",
      town: "city",
    },
  },
  {
    name: "kunden",
    csv: `Kundennummer;Anrede;Vorname;Name;Firma;Straße;Hausnummer;PLZ;Ort;Bundesland;Land;Telefon;Handynummer;E-Mail-Adresse;Geburtsdatum;Angelegt am;Geändert am;Umsatz Vorjahr;Bemerkung
K1001;Frau;Sabine;Müller;;Hauptstraße;12;04109;Leipzig;Sachsen;Deutschland;0341 1234567;;sabine.mueller@example.de;14.03.1972;01.02.2020;03.04.2024;120,50;
K1002;Herr;Jürgen;Weiß;Weiß & Söhne GmbH;Am Ring;3a;80331;München;Bayern;Deutschland;089 2180-0;0171 2345678;j.weiss@example.de;01.12.1965;05.02.2020;03.05.2024;0,00;Skonto
K1003;Herr;Ömer;Yılmaz;;Berliner Allee;101;40212;Düsseldorf;Nordrhein-Westfalen;DE;0211 899-1;0151 23456789;oemer@example.de;23.07.1988;07.02.2021;04.04.2024;77,00;
K1004;Frau;Petra;Schmidt;Schmidt AG;Gartenweg;8;20095;Hamburg;Hamburg;Deutschland;040 428280;;p.schmidt@example.de;30.09.1959;11.02.2021;05.04.2024;999,90;
K1005;Frau;Lena;Fuchs;;Lindenplatz;1;50667;Köln;NRW;D;0221 2210;;lena.fuchs@example.de;;12.03.2022;06.04.2024;12,00;`,
    labels: {
      Kundennummer: "customer_key",
      Vorname: "given_name",
      Name: "surname",
      Firma: "company",
      Straße: "address",
      Hausnummer: "address",
      PLZ: "postal",
      Ort: "city",
      Bundesland: "state",
      Land: "country",
      Telefon: "phone",
      "E-Mail-Adresse": "email",
      Geburtsdatum: "birthdate",
      "Angelegt am": "created_time",
      "Geändert am": "updated_time",
    },
  },
  {
    name: "hospital",
    csv: `mrn,patient_last_name,patient_first_name,middle_name,gender_code,date_of_birth,ssn,home_phone,work_phone,address_line_1,address_line_2,city,state_code,zip_code,attending_physician,admit_date,ward_id,emergency_contact_name,emergency_contact_phone
0004711,WALTERS,JANE,A,F,19620411,536-22-1234,206-555-0143,,100 PINE ST,APT 12,SEATTLE,WA,98101,HOUSE G,20250103,W3,WALTERS JIM,206-555-0144
0004712,CHAVEZ,LUIS,,M,19480927,536-22-9876,206-543-2100,206-543-2101,22 MAPLE AVE,,TACOMA,WA,98402,WILSON J,20250104,W1,CHAVEZ ANA,206-543-2199
0004713,LI,WEI,,M,20010102,,425-452-6800,,9 LAKE DR,UNIT B,BELLEVUE,WA,98004,HOUSE G,20250105,W3,LI MEI,425-452-6801
0004714,SMITH,ANNA,B,F,19551231,518-44-0001,503-823-4000,,4 ELM CT,,PORTLAND,OR,97201,WILSON J,20250109,W2,SMITH BOB,503-823-4001`,
    labels: {
      mrn: "customer_key",
      patient_last_name: "surname",
      patient_first_name: "given_name",
      middle_name: "middle_name",
      gender_code: "gender",
      date_of_birth: "birthdate",
      ssn: "national_id",
      home_phone: "phone",
      address_line_1: "address",
      address_line_2: "address2",
      city: "city",
      state_code: "state",
      zip_code: "postal",
    },
  },
  {
    name: "orders",
    csv: `order_id,customer_id,order_date,status,total_amount,currency,shipping_name,shipping_street,shipping_city,shipping_zip,email,item_count,coupon_code
90001,17,2025-03-01T10:00:00Z,paid,59.90,EUR,Maria Keller,Hauptstr. 12,Leipzig,04109,maria@example.com,2,
90002,17,2025-03-05T10:00:00Z,paid,19.00,EUR,Thomas Keller,Ringstr. 9,Dresden,01067,maria@example.com,1,SPRING
90003,21,2025-03-06T10:00:00Z,refunded,120.00,EUR,Peter Young,Gartenweg 3,Bonn,53111,peter@young.example,4,
90004,22,2025-03-07T10:00:00Z,paid,12.50,CHF,Anna Berg,Seestr. 1,Zug,6300,anna@example.com,1,`,
    labels: {
      order_id: "transaction_key",
      customer_id: "foreign_key:orders.customer",
      order_date: "transaction_time",
      total_amount: "transaction_amount",
      currency: "currency",
      shipping_name: "full_name",
      shipping_street: "address",
      shipping_city: "city",
      shipping_zip: "postal",
      email: "email",
    },
  },
  {
    name: "clientes",
    csv: `id_cliente,nombre,apellidos,correo_electronico,telefono,fecha_nacimiento,sexo,direccion,ciudad,provincia,codigo_postal,pais,fecha_alta,activo
1,Lucía,García López,lucia@example.es,+34 912 345 678,05/11/1983,mujer,Calle Mayor 4,Madrid,Madrid,28013,España,2023-01-09,1
2,Javier,Ruiz Díaz,javier@example.es,+34 934 027 000,17/02/1979,hombre,Av. Diagonal 640,Barcelona,Barcelona,08017,España,2023-02-10,1
3,Carmen,Ortega,carmen@example.es,+34 954 590 100,30/08/1991,mujer,Calle Sierpes 7,Sevilla,Sevilla,41004,España,2023-03-11,0`,
    labels: {
      id_cliente: "customer_key",
      nombre: "given_name",
      apellidos: "surname",
      correo_electronico: "email",
      telefono: "phone",
      fecha_nacimiento: "birthdate",
      sexo: "gender",
      direccion: "address",
      ciudad: "city",
      provincia: "state",
      codigo_postal: "postal",
      pais: "country",
      fecha_alta: "created_time",
    },
  },
  {
    name: "abonnes",
    csv: `N° client,Nom,Prénom,Courriel,Téléphone,Date de naissance,Adresse,Complément d'adresse,Code postal,Ville,Pays,Date de création
C-77,Lefebvre,Camille,camille@example.fr,01 42 76 40 40,12/05/1990,4 rue de Rivoli,Bât. B,75004,Paris,France,2022-04-01
C-78,Moreau,Luc,luc.moreau@example.fr,04 72 10 30 30,02/10/1968,12 place Bellecour,,69002,Lyon,France,2022-05-02
C-79,Girard,Élise,elise@example.fr,,25/12/2000,7 avenue Foch,3e étage,59000,Lille,France,2022-06-03`,
    labels: {
      "N° client": "customer_key",
      Nom: "surname",
      Prénom: "given_name",
      Courriel: "email",
      Téléphone: "phone",
      "Date de naissance": "birthdate",
      Adresse: "address",
      "Complément d'adresse": "address2",
      "Code postal": "postal",
      Ville: "city",
      Pays: "country",
      "Date de création": "created_time",
    },
  },
  {
    // Names that lie or say nothing: only the values tell.
    name: "export",
    csv: `id,name,contact,login,phone,col_7,state,zip,date,flag,group_id
1,Acme Industries Inc.,Robert King,robert@acme.example,,+1 415-555-2671,open,report.zip,2025-01-01,m,4
1,Globex Corporation,Susan Hill,susan@globex.example,,+1 212-736-5000,closed,export.zip,2025-01-02,m,4
2,Initech LLC,Peter Gibson,peter@initech.example,,+1 617-253-1000,open,data.zip,2025-01-03,m,5
3,Umbrella Ltd,Alice Wong,alice@umbrella.example,,+1 206-543-2100,open,a.zip,2025-01-04,m,5
4,Hooli GmbH,Martin Stein,martin@hooli.example,,+1 312-744-5000,closed,b.zip,2025-01-05,m,6
5,Stark Industries,Emma Frost,emma@stark.example,,+1 512-974-2000,open,c.zip,2025-01-06,m,6
6,Wayne Enterprises,Laura Kent,laura@wayne.example,,+1 503-823-4000,open,d.zip,2025-01-07,m,6
7,Cyberdyne Systems,John Reese,john@cyberdyne.example,,+1 425-452-6800,open,e.zip,2025-01-08,m,6
8,Tyrell Corp,Eva Dean,eva@tyrell.example,,+1 253-591-5000,open,f.zip,2025-01-09,m,7
9,Soylent Group,Kim Roth,kim@soylent.example,,+1 303-866-2471,open,g.zip,2025-01-10,m,7
10,Massive Dynamic Labs,Nina Sharp,nina@massive.example,,+1 602-542-4331,open,h.zip,2025-01-11,m,7`,
    labels: { name: "company", contact: "full_name", login: "email", col_7: "phone" },
  },
  {
    name: "products",
    csv: `sku,name,description,price,category_id,stock,city,created_at,supplier_email
A-1,Blue T-shirt,A shirt,19.90,3,12,,2024-01-01,sales@supplier.example
A-2,Red Mug,A mug,9.90,4,40,,2024-01-02,sales@supplier.example
A-3,Green Lamp,A lamp,49.00,5,2,,2024-01-03,info@lamps.example
A-4,Oak Table,A table,399.00,5,1,,2024-01-04,info@lamps.example`,
    labels: { created_at: "created_time" },
  },
  {
    name: "checkout",
    csv: `id,customer_email,processed_at,total_price,currency,customer_id,financial_status,gateway
5001,a@example.com,2025-05-01T10:00:00Z,10.00,USD,7,paid,card
5002,b@example.com,2025-05-02T10:00:00Z,25.50,USD,8,paid,card
5003,a@example.com,2025-05-03T10:00:00Z,9.99,USD,7,paid,paypal`,
    labels: {
      id: "transaction_key",
      customer_email: "email",
      processed_at: "transaction_time",
      total_price: "transaction_amount",
      currency: "currency",
      customer_id: "foreign_key:checkout.customer",
    },
  },
];
