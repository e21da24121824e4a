import { openEngine } from "/work/main/src/engine/index.ts";
import { resolve, evaluate } from "/work/main/src/identity/index.ts";
const D="/work/shared/data/";
const sets:any={
 febrl1:{file:D+"febrl/dataset1.csv",id:"rec_id",truth:"regexp_extract(rec_id,'rec-([0-9]+)',1)",tags:{given_name:'given_name',surname:'surname',street_number:'address',address_1:'address',address_2:'address2',suburb:'city',postcode:'postal',state:'state',date_of_birth:'birthdate'}},
 febrl2:{file:D+"febrl/dataset2.csv",id:"rec_id",truth:"regexp_extract(rec_id,'rec-([0-9]+)',1)",tags:{given_name:'given_name',surname:'surname',street_number:'address',address_1:'address',address_2:'address2',suburb:'city',postcode:'postal',state:'state',date_of_birth:'birthdate'}},
 fake:{file:D+"fake_1000/fake_1000.csv",id:"unique_id",truth:"cluster",tags:{first_name:'given_name',surname:'surname',dob:'birthdate',city:'city',email:'email'}},
};
sets.febrl2ssn={...sets.febrl2,tags:{...sets.febrl2.tags,soc_sec_id:'national_id'}};
sets.febrl2namedob={...sets.febrl2,tags:{given_name:'given_name',surname:'surname',date_of_birth:'birthdate'}};
sets.febrl2nodob={...sets.febrl2,tags:{given_name:'given_name',surname:'surname',street_number:'address',address_1:'address',suburb:'city',postcode:'postal'}};
sets.fakenoemail={...sets.fake,tags:{first_name:'given_name',surname:'surname',dob:'birthdate',city:'city'}};
const which=process.argv[2]?process.argv[2].split(','):Object.keys(sets);
for(const k of which){const d=sets[k];
const e = await openEngine({spillFolder:"/tmp/id-spill"}); const s = await e.session();
await s.run(`create temp table f as select * from read_csv('${d.file}', all_varchar=true, header=true)`);
let t=Date.now();
const times:string[]=[];
const r=await resolve(s,[{source:'f',relation:'f',idColumn:d.id,tags:d.tags}],{onProgress:p=>{times.push(p+"@"+(Date.now()-t))}});
const ev=await evaluate(s,r.tables.assignments,`(select 'f' as source, ${d.id} as record_id, ${d.truth} as person from f)`);
console.log(k, 'F1',ev.f1.toFixed(4),'P',ev.precision.toFixed(4),'R',ev.recall.toFixed(4),'b3',ev.bCubed.f1.toFixed(4),'pairs',r.comparedPairs,'profiles',r.profiles,'of',ev.people,(Date.now()-t)+'ms', times.join(' '));
if(process.argv[3]) { console.log('prior',r.model.priorPerson,r.model.priorHousehold); console.table(r.model.comparisons.flatMap(c=>c.levels.map(l=>({c:c.name,l:l.name,m:l.person.toFixed(4),h:l.household.toFixed(4),u:l.stranger.toExponential(2),w:Math.log2(l.person/l.stranger).toFixed(2)})))); console.table(r.blocks);console.table(r.sharedValues);}
if(process.argv[3]==='err'){
 await s.run(`create temp table tr as select r, node, identity_cluster.cluster, ${d.truth.replace(/^cluster$/,"t.cluster")} as person from identity_raw r join identity_member using(r) join identity_cluster using(node) join (select * from f) t on t.${d.id}=r.record_id`);
 console.log('missed');console.table(await s.rows(`select w.weight, x.r xr,y.r yr, x.given xg,y.given yg,x.family xf,y.family yf,x.birth xb,y.birth yb,x.email xe,y.email ye,x.town xt,y.town yt, x.number||x.street xs, y.number||y.street ys from tr p join tr q on p.person=q.person and p.r<q.r and p.cluster<>q.cluster join identity_standard x on x.r=p.r join identity_standard y on y.r=q.r left join identity_weight w on w.a=p.node and w.b=q.node order by hash(p.r) limit 40`));
 console.log('false');console.table(await s.rows(`select w.weight, x.r xr,y.r yr, x.given xg,y.given yg,x.family xf,y.family yf,x.birth xb,y.birth yb,x.email xe,y.email ye,x.town xt,y.town yt, x.number||x.street xs, y.number||y.street ys from tr p join tr q on p.person<>q.person and p.r<q.r and p.cluster=q.cluster join identity_standard x on x.r=p.r join identity_standard y on y.r=q.r left join identity_weight w on w.a=p.node and w.b=q.node order by hash(p.r) limit 40`));
}
s.close(); await e.close();}
