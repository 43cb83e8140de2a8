//! Zip archives made by hand, so that every field can be wrong.

/// An entry, all of whose fields can be set.
#[derive(Clone)]
pub struct Raw {
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    pub bytes: u32,
    pub crc: u32,
    pub method: u16,
    pub flags: u16,
    pub attributes: u32,
    pub extra: Vec<u8>,
    /// What the entry's own header says instead of the directory's name.
    pub local_name: Option<Vec<u8>>,
    /// What the entry's own header says instead of `bytes`.
    pub local_bytes: Option<u32>,
    /// The entry of this number is told to be here instead.
    pub same_place_as: Option<usize>,
    /// Bytes before the entry that belong to none.
    pub gap: usize,
}

impl Raw {
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            data: data.to_vec(),
            bytes: data.len() as u32,
            crc: crc32(data),
            method: 0,
            flags: 0,
            attributes: 0o100_644 << 16,
            extra: Vec::new(),
            local_name: None,
            local_bytes: None,
            same_place_as: None,
            gap: 0,
        }
    }
}

pub fn archive(entries: &[Raw]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut places = Vec::new();
    for entry in entries {
        out.extend(std::iter::repeat_n(0, entry.gap));
        places.push(out.len() as u32);
        if entry.same_place_as.is_some() {
            continue;
        }
        let name = entry.local_name.as_ref().unwrap_or(&entry.name);
        out.extend(0x0403_4b50_u32.to_le_bytes());
        out.extend(20_u16.to_le_bytes());
        common(&mut out, entry, entry.local_bytes.unwrap_or(entry.bytes), name);
        out.extend(name);
        out.extend(&entry.extra);
        out.extend(&entry.data);
    }
    let start = out.len();
    for (index, entry) in entries.iter().enumerate() {
        out.extend(0x0201_4b50_u32.to_le_bytes());
        out.extend([20, 3, 20, 0]);
        common(&mut out, entry, entry.bytes, &entry.name);
        // No comment, the first disk, no internal attributes.
        out.extend([0; 6]);
        out.extend(entry.attributes.to_le_bytes());
        out.extend(places[entry.same_place_as.unwrap_or(index)].to_le_bytes());
        out.extend(&entry.name);
        out.extend(&entry.extra);
    }
    let length = (out.len() - start) as u32;
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    let count = (entries.len() as u16).to_le_bytes();
    out.extend(count);
    out.extend(count);
    out.extend(length.to_le_bytes());
    out.extend((start as u32).to_le_bytes());
    out.extend([0; 2]);
    out
}

/// From the flags to the length of the extra fields, which both descriptions have alike.
fn common(out: &mut Vec<u8>, entry: &Raw, bytes: u32, name: &[u8]) {
    out.extend(entry.flags.to_le_bytes());
    out.extend(entry.method.to_le_bytes());
    // Midnight of the first day that zip knows.
    out.extend([0, 0, 0x21, 0]);
    out.extend(entry.crc.to_le_bytes());
    out.extend((entry.data.len() as u32).to_le_bytes());
    out.extend(bytes.to_le_bytes());
    out.extend((name.len() as u16).to_le_bytes());
    out.extend((entry.extra.len() as u16).to_le_bytes());
}

/// The check sum of zip, bit by bit.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
