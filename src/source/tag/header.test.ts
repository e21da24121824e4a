import { describe, expect, test } from "vitest";
import { type Meaning, readHeader } from "./header.ts";

/** Names of columns as files of registers, surveys, shops and systems of several countries have them. */
const named: Partial<Record<Meaning, string>> = {
  given_name:
    "fname_c1 fname_bm givenname_1 NAME_FIRST first_nm givn_name Vorname voornaam prénom prenom_usuel förnamn fst_name",
  middle_name: "mi middle_initial mname MiddleName segundo_nombre",
  surname:
    "lname_c1 lname_bm sur_name Apellido1 apellido_paterno cognome nom_usage lst_name efternamn NACHNAME fam_name",
  full_name: "customer_full_name nom_complet pupil_name voter_name patientName",
  name: "name Nom nombre restaurant_name Restaurant venue_name name1",
  email: "e_mail1 contact_email email_home MAIL courriel",
  phone: "phone_home home_ph ph tel_home telefono_fijo gsm gsm_nummer mobiel mob_no Handynummer",
  birthdate: "dob d_o_b DOB1 GebDat geb_datum bdate fecha_nac date_naiss birth_dt",
  birth_year: "yob birth_year geburtsjahr anio_nacimiento",
  birthplace: "birthplace place_of_birth geburtsort luogo_nascita geboorteplaats",
  address: "addr address_1 addr_1 adr street_name Anschrift indirizzo mailing_address",
  house_number: "street_number streetnr house_num hausnummer hausnr st_num huisnr",
  address2: "address_2 addr2 adresszusatz",
  city: "city suburb town ort ville woonplaats locality gemeinde",
  state: "state st st_cd state_abb provincie bundesland county",
  postal: "postcode post_code pcode zip5 zip_plus4 plz codigo_postal",
  country: "country country_cd land pays",
  gender: "sex gender_desc geschl sexo sexe",
  occupation: "occupation job Beruf métier profesión beroep",
  national_id: "soc_sec_id ssn nhs_number bsn codice_fiscale",
};

describe("what columns are called", () => {
  test.each(
    Object.entries(named).flatMap(([meaning, headers]) =>
      headers.split(" ").map((header) => [header, meaning] as const),
    ),
  )("%s: %s", (header, meaning) => {
    expect(readHeader(header)).toMatchObject({ meaning });
  });

  test.each(
    (
      "maiden_name mother_first_name owner_name emergency_contact_phone ip_address email_verified marital_status type cuisine date_of_death death_place " +
      "first_id fname_id first_url title score f1 f2 col_7 relationship enumcap deceased_name"
    ).split(" "),
  )("%s says nothing of a person", (header) => {
    const read = readHeader(header);
    expect(read === undefined || read === "foreign").toBe(true);
  });
});
