//! What was written comes back, and nothing else does.

use std::io::Write as _;

use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;
use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::domain::backup::{DatabaseKind, FORMAT, Manifest, Sink as _, Source as _, Table};

fn manifest() -> Manifest {
    let table = |name: &str, rows| Table { name: name.to_owned(), columns: vec!["id".to_owned()], rows };
    Manifest {
        format: FORMAT,
        version: "1.2.3".to_owned(),
        database: DatabaseKind::Postgres,
        migration: 13,
        made_at: DateTime::UNIX_EPOCH,
        tables: vec![table("clients", 2), table("audit", 3)],
    }
}

fn recipients(of: &[&Identity]) -> Recipients {
    let keys: Vec<String> = of.iter().map(|key| key.to_public().to_string()).collect();
    keys.join(", ").parse().unwrap()
}

fn unlock(key: &Identity) -> Unlock {
    let file =
        format!("# created: today\n# public key: {}\n{}\n", key.to_public(), key.to_string().expose_secret());
    Unlock::With(Identities::read(file.as_bytes()).unwrap())
}

fn written(parts: &[Vec<u8>], to: &Recipients, manifest: &Manifest) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), to, manifest).unwrap();
    for part in parts {
        for piece in part.chunks(100_000) {
            writer.put(piece).unwrap();
        }
        writer.end_part().unwrap();
    }
    writer.finish().unwrap()
}

/// All of it, or why not.
fn read(file: &[u8], unlock: &Unlock, parts: usize) -> Result<(Manifest, Vec<Vec<u8>>), String> {
    let mut opened =
        Opened::new(std::io::Cursor::new(file.to_vec()), unlock).map_err(|error| error.to_string())?;
    let mut found = vec![];
    for _ in 0..parts {
        let mut part = vec![];
        while let Some(piece) = opened.piece().map_err(|error| error.to_string())? {
            part.extend(piece);
        }
        found.push(part);
    }
    opened.finish().map_err(|error| error.to_string())?;
    Ok((opened.manifest.clone(), found))
}

fn parts() -> Vec<Vec<u8>> {
    vec![vec![7; 600_000], vec![], b"one line\n".to_vec()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_content_comes_back(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5000), 0..5)) {
        let key = Identity::generate();
        for (to, unlock) in [(recipients(&[&key]), unlock(&key)), (Recipients::default(), Unlock::Plain)] {
            let file = written(&parts, &to, &manifest());
            prop_assert_eq!(read(&file, &unlock, parts.len()), Ok((manifest(), parts.clone())));
        }
    }
}

#[test]
fn each_recipient_opens_it_and_nobody_else() {
    let (one, other, stranger) = (Identity::generate(), Identity::generate(), Identity::generate());
    let file = written(&parts(), &recipients(&[&one, &other]), &manifest());
    for key in [&one, &other] {
        assert_eq!(read(&file, &unlock(key), 3), Ok((manifest(), parts())));
    }
    let refused = read(&file, &unlock(&stranger), 3).unwrap_err();
    assert!(refused.contains("another recipient"), "{refused}");
    assert!(read(&file, &Unlock::Plain, 3).unwrap_err().contains("--identity"));
    let plain = written(&parts(), &Recipients::default(), &manifest());
    assert!(read(&plain, &unlock(&one), 3).unwrap_err().contains("--plain"));
}

#[test]
fn no_byte_can_be_changed_or_left_out() {
    let key = Identity::generate();
    let small = vec![b"some rows\n".to_vec(), b"others\n".to_vec()];
    let file = written(&small, &recipients(&[&key]), &manifest());
    let unlock = unlock(&key);
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        read(&changed, &unlock, 2).expect_err(&format!("the byte at {at} was changed"));
        read(&file[..at], &unlock, 2).expect_err(&format!("cut off at {at}"));
    }
    let longer = [file.as_slice(), b"x"].concat();
    read(&longer, &unlock, 2).unwrap_err();
    // One part more than was written, and one less.
    read(&file, &unlock, 3).unwrap_err();
    read(&file, &unlock, 1).unwrap_err();
    // A large one, of several sealed pieces.
    let file = written(&parts(), &recipients(&[&key]), &manifest());
    for at in (0..file.len()).step_by(997) {
        let mut changed = file.clone();
        changed[at] ^= 128;
        read(&changed, &unlock, 3).unwrap_err();
        read(&file[..at], &unlock, 3).unwrap_err();
    }
}

#[test]
fn what_is_not_encrypted_is_checked_for_damage() {
    let file = written(&[b"some rows\n".to_vec()], &Recipients::default(), &manifest());
    for at in 0..file.len() {
        read(&file[..at], &Unlock::Plain, 1).expect_err(&format!("cut off at {at}"));
    }
    let longer = [file.as_slice(), b"x"].concat();
    read(&longer, &Unlock::Plain, 1).unwrap_err();
}

#[test]
fn other_files_are_told_apart() {
    let key = Identity::generate();
    let newer = Manifest { format: FORMAT + 1, ..manifest() };
    let newer = written(&parts(), &recipients(&[&key]), &newer);
    assert!(read(&newer, &unlock(&key), 3).unwrap_err().contains("newer version"));
    for foreign in [&b""[..], b"{}", b"SQLite format 3\0", b"age-encryption"] {
        for unlock in [unlock(&key), Unlock::Plain] {
            assert_eq!(read(foreign, &unlock, 0).unwrap_err(), Unreadable::Foreign.to_string());
        }
    }
    let armored = b"-----BEGIN AGE ENCRYPTED FILE-----\n";
    assert!(read(armored, &unlock(&key), 0).unwrap_err().contains("armored"));
    let mut other = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    other.write_all(b"{\"some\": \"thing\"}\n").unwrap();
    let other = other.finish().unwrap();
    assert_eq!(read(&other, &Unlock::Plain, 0).unwrap_err(), Unreadable::Foreign.to_string());
}

#[test]
fn keys_are_read_and_never_shown() {
    let key = Identity::generate();
    let (public, secret) = (key.to_public().to_string(), key.to_string());
    let several: Recipients = format!(" {public} ,{public},").parse().unwrap();
    assert_eq!(several.count(), 2);
    assert!(format!("{several:?}").contains(&public));
    for wrong in ["", " , ", "age1qqqq", "ssh-ed25519 AAAA"] {
        wrong.parse::<Recipients>().unwrap_err();
    }
    let refused = secret.expose_secret().parse::<Recipients>().unwrap_err();
    assert!(refused.contains("secret key"), "{refused}");
    for wrong in ["", "# nothing\n", public.as_str(), "AGE-SECRET-KEY-1QQQ"] {
        let refused = Identities::read(wrong.as_bytes()).unwrap_err().to_string();
        assert!(wrong.is_empty() || !refused.contains(wrong), "{refused}");
    }
    assert_eq!(format!("{:?}", unlock(&key)), "With(Identities)");
}

#[test]
fn a_file_is_there_as_a_whole_or_not_at_all() {
    let folder = tempfile::TempDir::new().unwrap();
    let place = folder.path().join("backup.age");
    let begun = NewFile::create(&place, false).unwrap();
    (&begun).write_all(b"half").unwrap();
    assert!(!place.exists());
    assert!(matches!(NewFile::create(&place, false), Err(FileError::Busy(_))), "somebody writes it");
    drop(begun);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");

    std::fs::write(folder.path().join("backup.age.part"), b"what a longer one that was killed has left")
        .unwrap();
    let begun = NewFile::create(&place, false).unwrap();
    (&begun).write_all(b"whole").unwrap();
    begun.keep().unwrap();
    assert_eq!(std::fs::read(&place).unwrap(), b"whole");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&place).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(matches!(NewFile::create(&place, false), Err(FileError::Exists(_))));
    let begun = NewFile::create(&place, true).unwrap();
    (&begun).write_all(b"another").unwrap();
    begun.keep().unwrap();
    assert_eq!(std::fs::read(&place).unwrap(), b"another");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
