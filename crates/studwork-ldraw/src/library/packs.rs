//! What was made of parts, on disk: a few packed files, each a table of contents and the entries; meshes lie there as they
//! lie in memory.
//!
//! Every batch of new entries becomes a pack of its own, so that writers never disturb each other; many packs are
//! joined into one. Every entry has its checksum, and what fails it is made again.

use super::cache;
use super::store::read_at_most;
use crate::{Bounds, ConditionalEdge, EdgeVertex, Mesh, StudGroup, StudKind, Vertex};
use bytemuck::{Pod, Zeroable};
use glam::{Affine3A, Vec3};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// More packs than this are joined.
const MAX_PACKS: usize = 12;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    number: String,
    /// From the beginning of the file.
    offset: u64,
    length: u64,
    crc: u32,
}

/// The packs of one library that hold one kind of thing.
#[derive(Debug)]
pub(super) struct Packs {
    folder: PathBuf,
    /// What their files' names begin with, up to the first number.
    kind: String,
    known: OnceLock<Known>,
    pending: Mutex<Vec<(String, Vec<u8>)>>,
}

#[derive(Debug, Default)]
struct Known {
    paths: Vec<PathBuf>,
    entries: FxHashMap<String, (Arc<File>, Entry)>,
}

impl Packs {
    pub fn new(folder: PathBuf) -> Self {
        Self::of_kind(folder, "meshes".to_owned())
    }

    fn of_kind(folder: PathBuf, kind: String) -> Self {
        Self { folder, kind, known: OnceLock::new(), pending: Mutex::default() }
    }

    /// Packs of another kind in the same folder. Those of other versions are removed: nobody reads them any more.
    pub fn beside(&self, base: &str, version: u32) -> Self {
        let packs = Self::of_kind(self.folder.clone(), format!("{base}-{version}"));
        for path in self.packs_where(&|kind| kind != packs.kind && kind.starts_with(base)) {
            // What cannot be removed stays for another time.
            let _ = std::fs::remove_file(path);
        }
        packs
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.packs_where(&|kind| kind == self.kind)
    }

    /// The packs of the kinds that `wanted` takes.
    fn packs_where(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
        let Ok(folder) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| {
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let kind = name.rsplitn(3, '-').nth(2);
            path.extension().is_some_and(|extension| extension == "pack") && kind.is_some_and(wanted)
        });
        paths.sort_unstable();
        paths
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let mut known = Known { paths: self.paths(), ..Known::default() };
            for path in &known.paths {
                let Some((file, entries)) = read_table(path) else { continue };
                let file = Arc::new(file);
                known.entries.extend(entries.into_iter().map(|e| (e.number.clone(), (Arc::clone(&file), e))));
            }
            known
        })
    }

    /// The mesh of a part, where the cache has it unharmed.
    pub fn read(&self, number: &str) -> Option<Mesh> {
        mesh_from_bytes(&self.read_bytes(number)?)
    }

    /// The entry of that name, where the cache has it unharmed.
    pub fn read_bytes(&self, name: &str) -> Option<Vec<u8>> {
        let (file, entry) = self.known().entries.get(name)?;
        read_blob(file, entry)
    }

    /// Remembers a mesh for the next [`Packs::save`]; says how many wait for it.
    pub fn add(&self, number: &str, mesh: &Mesh) -> usize {
        self.add_bytes(number, bytes_from_mesh(mesh))
    }

    /// As [`Packs::add`] for what is bytes already.
    pub fn add_bytes(&self, name: &str, bytes: Vec<u8>) -> usize {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.push((name.to_owned(), bytes));
        pending.len()
    }

    /// Writes what waits. A failure costs time at the next start and nothing else, so it is not told.
    pub fn save(&self) {
        let mut blobs = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        if blobs.is_empty() {
            return;
        }
        let mut joined = Vec::new();
        if self.paths().len() >= MAX_PACKS {
            let on_disk = Self::of_kind(self.folder.clone(), self.kind.clone());
            let known = on_disk.known();
            let mut entries: Vec<_> = known.entries.values().collect();
            entries.sort_unstable_by(|a, b| a.1.number.cmp(&b.1.number));
            for (file, entry) in entries {
                if blobs.iter().all(|(number, _)| *number != entry.number)
                    && let Some(blob) = read_blob(file, entry)
                {
                    blobs.push((entry.number.clone(), blob));
                }
            }
            joined.clone_from(&known.paths);
        }
        if let Ok(written) = write_pack(&self.folder, &self.kind, &blobs) {
            // A reader that has one of these open goes on reading it; where that keeps it from being removed, it stays.
            for path in joined.iter().filter(|path| **path != written) {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

fn read_table(path: &Path) -> Option<(File, Vec<Entry>)> {
    const USUAL_TABLE: usize = 16 << 10;
    let file = File::open(path).ok()?;
    let mut bytes = read_at_most(&file, 0, USUAL_TABLE).ok()?;
    let (length, crc) = cache::read_header(&bytes)?;
    let end = cache::HEADER.checked_add(usize::try_from(length).ok().filter(|&length| length < 64 << 20)?)?;
    if bytes.len() < end {
        bytes = read_at_most(&file, 0, end).ok()?;
    }
    let table = bytes.get(cache::HEADER..end)?;
    if cache::checksum(table) != crc {
        return None;
    }
    let mut entries: Vec<Entry> = postcard::from_bytes(table).ok()?;
    entries.iter_mut().for_each(|entry| entry.offset = entry.offset.saturating_add(end as u64));
    Some((file, entries))
}

fn read_blob(file: &File, entry: &Entry) -> Option<Vec<u8>> {
    let bytes = read_at_most(file, entry.offset, usize::try_from(entry.length).ok().filter(|&n| n < 1 << 30)?).ok()?;
    (bytes.len() as u64 == entry.length && cache::checksum(&bytes) == entry.crc).then_some(bytes)
}

fn write_pack(folder: &Path, kind: &str, blobs: &[(String, Vec<u8>)]) -> std::io::Result<PathBuf> {
    let mut entries = Vec::with_capacity(blobs.len());
    let mut offset = 0;
    for (number, blob) in blobs {
        let (number, length) = (number.clone(), blob.len() as u64);
        // Offsets count from the end of the table, whose length depends on them.
        entries.push(Entry { number, offset, length, crc: cache::checksum(blob) });
        offset += length;
    }
    let table = postcard::to_stdvec(&entries).map_err(std::io::Error::other)?;
    let header = cache::header(&table);
    // Named after its contents: the same batch written by two programs is one file.
    let path = folder.join(format!("{kind}-{:08x}-{:x}.pack", cache::checksum(&table), offset));
    let mut chunks: Vec<&[u8]> = vec![&header, &table];
    chunks.extend(blobs.iter().map(|(_, blob)| blob.as_slice()));
    cache::write(&path, &chunks)?;
    Ok(path)
}

#[repr(C)]
#[derive(Copy, Clone, Pod, Zeroable)]
struct Counts {
    vertices: u32,
    indices: u32,
    double_sided: [u32; 2],
    edges: u32,
    conditional: u32,
    studs: u32,
    bounds: [[f32; 3]; 2],
}

#[repr(C)]
#[derive(Copy, Clone, Pod, Zeroable)]
struct PackedStud {
    kind: u32,
    transform: [f32; 12],
    indices: [u32; 2],
    edges: [u32; 2],
}

const KINDS: [StudKind; 4] = [StudKind::Stud, StudKind::OpenStud, StudKind::Tube, StudKind::Other];

fn bytes_from_mesh(mesh: &Mesh) -> Vec<u8> {
    let counts = Counts {
        vertices: mesh.vertices.len() as u32,
        indices: mesh.indices.len() as u32,
        double_sided: [mesh.double_sided.start, mesh.double_sided.end],
        edges: mesh.edges.len() as u32,
        conditional: mesh.conditional.len() as u32,
        studs: mesh.studs.len() as u32,
        bounds: [mesh.bounds.min.to_array(), mesh.bounds.max.to_array()],
    };
    let studs = mesh.studs.iter().map(|stud| PackedStud {
        kind: KINDS.iter().position(|kind| *kind == stud.kind).unwrap_or(3) as u32,
        transform: stud.transform.to_cols_array(),
        indices: [stud.indices.start, stud.indices.end],
        edges: [stud.edges.start, stud.edges.end],
    });
    let studs: Vec<PackedStud> = studs.collect();
    [
        bytemuck::bytes_of(&counts),
        bytemuck::cast_slice(&mesh.vertices),
        bytemuck::cast_slice(&mesh.indices),
        bytemuck::cast_slice(&mesh.edges),
        bytemuck::cast_slice(&mesh.conditional),
        bytemuck::cast_slice(&studs),
    ]
    .concat()
}

fn mesh_from_bytes(bytes: &[u8]) -> Option<Mesh> {
    let (counts, mut rest) = bytes.split_at_checked(size_of::<Counts>())?;
    let counts: Counts = bytemuck::pod_read_unaligned(counts);
    let mesh = Mesh {
        vertices: take::<Vertex>(&mut rest, counts.vertices)?,
        indices: take::<u32>(&mut rest, counts.indices)?,
        double_sided: counts.double_sided[0]..counts.double_sided[1],
        edges: take::<EdgeVertex>(&mut rest, counts.edges)?,
        conditional: take::<ConditionalEdge>(&mut rest, counts.conditional)?,
        studs: take::<PackedStud>(&mut rest, counts.studs)?
            .into_iter()
            .map(|stud| {
                Some(StudGroup {
                    kind: *KINDS.get(stud.kind as usize)?,
                    transform: Affine3A::from_cols_array(&stud.transform),
                    indices: stud.indices[0]..stud.indices[1],
                    edges: stud.edges[0]..stud.edges[1],
                })
            })
            .collect::<Option<_>>()?,
        bounds: Bounds { min: Vec3::from_array(counts.bounds[0]), max: Vec3::from_array(counts.bounds[1]) },
    };
    let inside = |range: &std::ops::Range<u32>, count: u32| range.start <= range.end && range.end <= count;
    let sound = rest.is_empty()
        && mesh.indices.iter().all(|&index| index < counts.vertices)
        && inside(&mesh.double_sided, counts.indices)
        && mesh.studs.iter().all(|s| inside(&s.indices, counts.indices) && inside(&s.edges, counts.edges));
    sound.then_some(mesh)
}

fn take<T: Pod>(rest: &mut &[u8], count: u32) -> Option<Vec<T>> {
    let (bytes, after) = rest.split_at_checked((count as usize).checked_mul(size_of::<T>())?)?;
    *rest = after;
    let mut items = vec![T::zeroed(); count as usize];
    bytemuck::cast_slice_mut(&mut items).copy_from_slice(bytes);
    Some(items)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::{ColorRef, Tint};

    fn sample(seed: u32) -> Mesh {
        let corner = |x, y| Vertex::new(Vec3::new(x, y, seed as f32), Vec3::Z, Tint::from(ColorRef::Code(seed)));
        Mesh {
            vertices: vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(0.0, 1.0)],
            indices: vec![0, 1, 2, 0, 2, 1],
            double_sided: 3..6,
            edges: vec![EdgeVertex { position: [0.5; 3], tint: Tint::EDGE }; 2],
            conditional: vec![ConditionalEdge { points: [[1.0; 3]; 2], control: [[2.0; 3]; 2], tint: Tint::EDGE }],
            studs: vec![StudGroup {
                kind: StudKind::Tube,
                transform: Affine3A::from_scale(Vec3::splat(2.0)),
                indices: 0..3,
                edges: 0..2,
            }],
            bounds: Bounds { min: Vec3::ZERO, max: Vec3::new(1.0, 1.0, seed as f32) },
        }
    }

    #[test]
    fn a_saved_mesh_comes_back_equal() {
        let folder = tempfile::tempdir().unwrap();
        let packs = Packs::new(folder.path().to_owned());
        packs.add("3001", &sample(1));
        packs.add("3002", &sample(2));
        packs.save();
        let again = Packs::new(folder.path().to_owned());
        assert_eq!(again.read("3001"), Some(sample(1)));
        assert_eq!(again.read("3002"), Some(sample(2)));
        assert_eq!(again.read("3003"), None);
    }

    #[test]
    fn a_damaged_byte_is_noticed_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = write_pack(folder.path(), "meshes", &[("3001".to_owned(), bytes_from_mesh(&sample(1)))]).unwrap();
        let good = std::fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            std::fs::write(&path, bad).unwrap();
            assert_eq!(Packs::new(folder.path().to_owned()).read("3001"), None, "byte {at}");
        }
        for length in [0, 5, 30, good.len() - 1] {
            std::fs::write(&path, &good[..length]).unwrap();
            assert_eq!(Packs::new(folder.path().to_owned()).read("3001"), None, "cut at {length}");
        }
    }

    #[test]
    fn many_packs_are_joined_and_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..40 {
            let packs = Packs::new(folder.path().to_owned());
            packs.add(&number.to_string(), &sample(number));
            packs.save();
        }
        assert!(std::fs::read_dir(folder.path()).unwrap().count() <= MAX_PACKS + 1);
        let packs = Packs::new(folder.path().to_owned());
        for number in 0..40 {
            assert_eq!(packs.read(&number.to_string()), Some(sample(number)));
        }
    }

    #[test]
    fn kinds_do_not_disturb_each_other_and_an_old_version_goes() {
        let folder = tempfile::tempdir().unwrap();
        let meshes = Packs::new(folder.path().to_owned());
        meshes.add("3001", &sample(1));
        meshes.save();
        let note = |version: u32| meshes.beside("notes", version).read_bytes("3001");
        let first = meshes.beside("notes", 1);
        first.add_bytes("3001", vec![7]);
        first.save();
        assert_eq!(note(1), Some(vec![7]));
        assert_eq!(note(2), None);
        assert_eq!(note(1), None);
        assert_eq!(Packs::new(folder.path().to_owned()).read("3001"), Some(sample(1)));
    }

    #[test]
    fn writers_at_once_keep_each_others_meshes() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let folder = folder.path();
                scope.spawn(move || {
                    let packs = Packs::new(folder.to_owned());
                    for number in 0..2 {
                        packs.add(&format!("{writer}-{number}"), &sample(writer * 10 + number));
                    }
                    packs.save();
                });
            }
        });
        let packs = Packs::new(folder.path().to_owned());
        for (writer, number) in (0..4).flat_map(|writer| [(writer, 0), (writer, 1)]) {
            assert_eq!(packs.read(&format!("{writer}-{number}")), Some(sample(writer * 10 + number)));
        }
    }
}
