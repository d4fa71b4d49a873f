use std::time::{Duration,Instant};
use selkie_tests::members::{Swarm,News};
use selkie_tests::net::Link;
use selkie_sync::{MemberState,Moment};
fn main(){
    let args:Vec<String>=std::env::args().collect();
    let n:usize=args[1].parse().unwrap(); let loss:u32=args[2].parse().unwrap(); let seeds:u64=args[3].parse().unwrap();
    let periods: u64 = args.get(4).map_or(40,|s|s.parse().unwrap());
    let mut first=vec![]; let mut all=vec![]; 
    let t=Instant::now();
    for seed in 1..=seeds {
        let mut s=Swarm::gathered(seed,n,Link::LAN.losing(loss));
        s.run_for(Duration::from_secs(5)); s.told();
        let stop=s.now(); s.stop(n/2);
        let base=s.now();
        let mut downs=vec![];
        while downs.len()<n-1 && s.now()-base<Duration::from_secs(120) {
            s.run_for(Duration::from_millis(200));
            for (at,who,news) in s.told(){ if news==News::Changed(n/2,MemberState::Down){ downs.push((at-stop).as_secs_f64()); let _=who;} }
        }
        if let Some(f)=downs.first(){ first.push(*f); all.push(if downs.len()==n-1 {downs[downs.len()-1]-f} else {999.0}); }
    }
    first.sort_by(|a,b|a.total_cmp(b)); all.sort_by(|a,b|a.total_cmp(b));
    println!("n={n} loss={loss} detect median {:?} max {:?}  all-know after first: median {:?} max {:?}  [{:?}]", first[first.len()/2], first.last(), all[all.len()/2], all.last(), t.elapsed());
    let t=Instant::now();
    let mut s=Swarm::gathered(99,n,Link::LAN.losing(loss));
    s.run_for(Duration::from_secs(5)); s.told();
    let b=s.tally().clone();
    s.run_for(Duration::from_secs(periods));
    let (mut sus,mut down)=(0,0);
    for (_,_,news) in s.told(){ match news { News::Changed(_,MemberState::Down)=>down+=1, News::Changed(_,MemberState::Suspected)=>sus+=1, _=>{} } }
    let np=(n as u64*periods) as f64; let a=s.tally();
    println!("  per node-period: {:.2} messages {:.0} bytes; suspected {} downs {} in {} node-periods; by lane {:?} [{:?}] incarnations {:?}", (a.all_sent().messages-b.all_sent().messages) as f64/np,(a.all_sent().bytes-b.all_sent().bytes) as f64/np,sus,down,np,a.sent,t.elapsed(), s.node(0).core().incarnation());
    let _=Moment::START;
}
