// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// Heads of transparency logs, each with the block in which it stood first.
///
/// Nobody owns this contract, nobody can change it, and nothing in it can be deleted. Whoever reads it pins an address: what
/// counts is who wrote, for everybody may write under their own.
contract CheckpointAnchor {
    struct Head {
        uint64 size;
        uint64 blockNumber;
        bytes32 root;
    }

    /// @param originHash Keccak-256 of the log's origin
    /// @param noteHash   SHA-256 of the cosigned checkpoint
    event Anchored(
        address indexed submitter, bytes32 indexed originHash, uint64 indexed size, bytes32 root, bytes32 noteHash
    );

    error NotGrowing(uint64 have, uint64 got);

    /// The newest head that a submitter wrote of an origin.
    mapping(address submitter => mapping(bytes32 originHash => Head)) public latest;

    /// A log only grows: a head that is not larger than the last one is refused.
    function anchor(bytes32 originHash, uint64 size, bytes32 root, bytes32 noteHash) external {
        Head storage head = latest[msg.sender][originHash];
        if (size <= head.size) revert NotGrowing(head.size, size);
        head.size = size;
        head.blockNumber = uint64(block.number);
        head.root = root;
        emit Anchored(msg.sender, originHash, size, root, noteHash);
    }
}
