//! Files that are no spreadsheets, or too much of one.

use std::fs::File;

use super::*;

fn refusal(name: &str, content: &[u8]) -> Error {
    let folder = TempDir::new().unwrap();
    let path = write(&folder, name, content);
    match Table::open(&path) {
        Ok(table) => plan(
            table,
            &registry(),
            &settings(Faulty::RefuseAll, 1),
            &mut |_| (),
        )
        .unwrap_err(),
        Err(error) => error,
    }
}

#[test]
fn what_is_not_a_spreadsheet_is_named() {
    let archive = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("notes.txt", zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(b"notes").unwrap();
        zip.finish().unwrap().into_inner()
    };
    for (name, content) in [
        ("empty.csv", &b""[..]),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0"),
        ("old.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        ("cut.xlsx", b"PK\x03\x04and nothing more"),
        ("archive.xlsx", &archive),
        ("letter.csv", "亲爱的同志们，\n你们好。\n".as_bytes()),
        ("binary.csv", b"\xC3\x28\xFF\xFF\xFF"),
    ] {
        let error = refusal(name, content);
        assert_eq!(error.code(), "not-a-spreadsheet", "{name}: {error}");
        assert!(!error.zh().is_empty());
    }
}

#[test]
fn missing_headings_are_one_error() {
    let error = refusal("households.csv", "姓名,性别,民族,户编号\n".as_bytes());
    assert_eq!(
        error.to_string(),
        "these headings are missing: 证件号码 与户主关系 户类型 行政村; add the columns"
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("huge.csv");
    File::create(&path).unwrap().set_len(200_000_000).unwrap();
    assert_eq!(Table::open(&path).unwrap_err().code(), "file-too-large");
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bomb.xlsx");
    let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
    for name in [
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
    }
    let zeros = vec![b' '; 1024 * 1024];
    for _ in 0..130 {
        zip.write_all(&zeros).unwrap();
    }
    zip.finish().unwrap();
    assert!(path.metadata().unwrap().len() < 1024 * 1024);
    assert_eq!(
        Table::open(&path).unwrap_err().code(),
        "workbook-unpacks-too-large"
    );
}

#[test]
fn gb18030_and_utf16_are_read_like_utf8() {
    let text = sheet(&["芦溪镇,360323100201,A1,,张三㐀,,户主,扶贫开发户,因病,,,,,"]);
    let memory = registry();
    let utf8 = plan_text(&text, &memory, Faulty::RefuseAll);
    assert_eq!(utf8.changes.len(), 2);
    let folder = TempDir::new().unwrap();
    let (gb18030, _, had_errors) = encoding_rs::GB18030.encode(&text);
    assert!(!had_errors);
    let utf16: Vec<u8> = [0xFEFFu16]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let with_mark = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    for content in [
        &gb18030[..],
        &utf16,
        &with_mark,
        text.replace(',', "\t").as_bytes(),
    ] {
        let plan = plan_file(
            &write(&folder, "户信息.csv", content),
            &memory,
            Faulty::RefuseAll,
        );
        assert_eq!(plan.changes, utf8.changes);
    }
}
